import { Machine } from './machine';

const SOURCE = `
  import { loopbackWithoutProxy } from './no-proxy.mjs';
  console.log(JSON.stringify(loopbackWithoutProxy(JSON.parse(process.argv[1]))));
`;

test.each([
  [{}, '127.0.0.1,localhost,::1'],
  [{ no_proxy: '.internal, 127.0.0.1' }, '.internal,127.0.0.1,localhost,::1'],
  [{ no_proxy: '', NO_PROXY: 'db' }, 'db,127.0.0.1,localhost,::1'],
])('loopback is taken out of the proxy beside what is listed: %j', async (environment, hosts) => {
  const machine = new Machine();
  const { stdout } = await machine.module(SOURCE, JSON.stringify(environment));
  machine.remove();
  expect(JSON.parse(stdout)).toEqual({ no_proxy: hosts, NO_PROXY: hosts });
});
