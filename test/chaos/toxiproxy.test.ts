import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Toxiproxy, type Link } from '../../chaos/toxiproxy';
import { eventually } from '../support/eventually';

/** A server that says everything again. */
let server: Server;
let proxy: Toxiproxy;
let link: Link;
const sockets = new Set<Socket>();

beforeAll(async () => {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await Toxiproxy.start();
  link = await proxy.link('echo', `127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(async () => {
  await proxy.stop();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** @returns what came back, and whether the connection has ended */
function client(): { heard: () => string; hasEnded: () => boolean; end: () => void } {
  const [host = '', port = ''] = link.address.split(':');
  const socket = connect({ host, port: Number(port) }, () => socket.write('hello'));
  sockets.add(socket);
  let heard = '';
  let ended = false;
  socket.on('data', (data) => (heard += data.toString())).on('error', () => undefined);
  socket.on('close', () => (ended = true));
  return { heard: () => heard, hasEnded: () => ended, end: () => socket.end() };
}

it('a link tells who uses it, is cut, stalled and healed', async () => {
  const [stays, goes] = [client(), client()];
  await eventually(() => expect([stays.heard(), goes.heard()]).toEqual(['hello', 'hello']));
  expect(link.use).toEqual({ open: 2, accepted: 2 });
  goes.end();
  await eventually(() => expect(link.use).toEqual({ open: 1, accepted: 2 }));

  const unspoilt = performance.now();
  expect(link.wasSpoilt(0)).toBe(false);
  await link.cut();
  expect(link.wasSpoilt(performance.now())).toBe(true);
  await eventually(() => expect([stays.hasEnded(), link.use.open]).toEqual([true, 0]));
  const refused = client();
  await eventually(() => expect(refused.hasEnded()).toBe(true));
  expect(link.use).toEqual({ open: 0, accepted: 2 });

  await link.heal();
  expect([link.wasSpoilt(unspoilt), link.wasSpoilt(performance.now())]).toEqual([true, false]);
  await link.stall();
  const unheard = client();
  await eventually(() => expect(link.use).toEqual({ open: 1, accepted: 3 }));
  await link.heal();
  await eventually(() => expect([unheard.hasEnded(), unheard.heard()]).toEqual([true, '']));
  const heard = client();
  await eventually(() => expect(heard.heard()).toBe('hello'));
  expect(link.use).toEqual({ open: 1, accepted: 4 });
});
