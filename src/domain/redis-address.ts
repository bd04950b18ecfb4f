/** Where Redis is: the URL of one server, or the seeds of a Redis Cluster, from any of which the others are learnt. */
export type RedisAddress = string | readonly string[];

/** `host:port` of each server named, for people: a URL may hold a password. */
export function redisHosts(address: RedisAddress): string {
  return [address]
    .flat()
    .map((url) => {
      const { hostname, port } = new URL(url);
      return `${hostname}:${port === '' ? '6379' : port}`;
    })
    .join(', ');
}

/** What the nodes of a cluster that are learnt from the seeds need and only the URL of a seed says: login and TLS. */
export function clusterLogin(seeds: readonly string[]): { username?: string; password?: string; tls: boolean } {
  const { username, password, protocol } = new URL(seeds[0] ?? '');
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    tls: protocol === 'rediss:',
  };
}
