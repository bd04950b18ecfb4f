import { createClient } from 'redis';
import { Servers } from '../../chaos/servers';

async function ping(address: string): Promise<string> {
  const client = createClient({ url: `redis://${address}`, socket: { reconnectStrategy: false } });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.ping();
  } finally {
    client.destroy();
  }
}

it('a server is killed and started in the order in which that is asked, by whom and how often ever', async () => {
  const servers = new Servers();
  try {
    await servers.start();
    const address = servers.redisAddress;
    await Promise.all([servers.redis.kill(), servers.redis.start(), servers.redis.kill()]);
    await expect(ping(address)).rejects.toThrow();
    const whileDown = performance.now();
    expect(servers.redis.wasAway(whileDown)).toBe(true);
    await Promise.all([servers.redis.start(), servers.redis.start(), servers.loseTemporal(), servers.temporal.start()]);
    await expect(ping(address)).resolves.toBe('PONG');
    // It came back later than that: who began then may have missed it.
    const now = performance.now();
    expect([servers.redis.wasAway(whileDown), servers.redis.wasAway(now)]).toEqual([true, false]);
    await servers.redis.freeze();
    expect(servers.redis.wasAway(now)).toBe(true);
    await servers.redis.thaw();
    expect([servers.redis.wasAway(now), servers.redis.wasAway(performance.now())]).toEqual([true, false]);
  } finally {
    await servers.stop();
  }
});
