/** Hosts of the servers that a verb starts on this machine. */
const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

/**
 * Takes loopback addresses out of whatever proxy the environment names. gRPC obeys `https_proxy` for them too, and a proxy
 * cannot reach a server of ours.
 * @param {Record<string, string | undefined>} environment
 * @returns {{ no_proxy: string, NO_PROXY: string }} both spellings, with what was listed before
 */
export function loopbackWithoutProxy(environment) {
  const listed = (environment.no_proxy || environment.NO_PROXY || '').split(',').map((host) => host.trim());
  const hosts = [...new Set([...listed.filter(Boolean), ...LOOPBACK])].join(',');
  return { no_proxy: hosts, NO_PROXY: hosts };
}
