import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { findProgram } from '../../sandbox/servers/find-program';
import { eventually } from '../support/eventually';
import { freePort, PrivateRedis } from '../support/private-redis';
import { Rig, type Client } from './support/rig';
import { accountId, itemId, orderId } from './support/truth';

/** The caches on a real Redis Cluster of three masters: every script has one key, so no slot is crossed. */

class PrivateCluster {
  readonly #nodes: ChildProcess[] = [];
  readonly urls: string[] = [];
  #directory = '';

  async start(): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), 'cluster-'));
    const ports = [await freePort(), await freePort(), await freePort()];
    const buses: number[] = [];
    for (const port of ports) buses.push(await this.#startNode(port));
    for (const [n, port] of ports.entries()) {
      const [from, to] = [Math.ceil((16384 * n) / 3), Math.ceil((16384 * (n + 1)) / 3) - 1];
      await command(port, 'CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
      await command(port, 'CLUSTER', 'SET-CONFIG-EPOCH', String(n + 1));
    }
    for (const n of [1, 2]) {
      await command(ports[0]!, 'CLUSTER', 'MEET', '127.0.0.1', String(ports[n]), String(buses[n]));
    }
    await eventually(async () => {
      for (const port of ports) {
        expect(await command(port, 'CLUSTER', 'INFO')).toContain('cluster_state:ok');
        expect(await command(port, 'CLUSTER', 'INFO')).toContain('cluster_known_nodes:3');
      }
    });
  }

  async #startNode(port: number): Promise<number> {
    const bus = await freePort();
    const options = {
      port,
      'cluster-port': bus,
      bind: '127.0.0.1',
      dir: this.#directory,
      save: '',
      'cluster-enabled': 'yes',
    };
    const args = Object.entries({ ...options, 'cluster-config-file': `nodes-${port}.conf` });
    const node = spawn(
      await findProgram('redis-server'),
      args.flatMap(([name, value]) => [`--${name}`, String(value)]),
      { stdio: 'ignore' },
    );
    this.#nodes.push(node);
    this.urls.push(`redis://127.0.0.1:${port}`);
    await eventually(async () => {
      expect(await command(port, 'PING')).toBe('PONG');
    });
    return bus;
  }

  async stop(): Promise<void> {
    for (const node of this.#nodes) {
      if (node.exitCode !== null) continue;
      const gone = new Promise((resolve) => node.once('exit', resolve));
      node.kill('SIGKILL');
      await gone;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function command(port: number, ...args: string[]): Promise<unknown> {
  const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: false } });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await client.sendCommand(args);
  } finally {
    client.destroy();
  }
}

const cluster = new PrivateCluster();
let rig: Rig;
let a: Client;
let b: Client;
beforeAll(async () => {
  rig = new Rig(await PrivateRedis.start());
  await cluster.start();
  [a, b] = [await rig.client({ url: cluster.urls }), await rig.client({ url: cluster.urls })];
}, 120_000);
afterAll(async () => {
  await rig.stop();
  await cluster.stop();
});

it('reads through, shares and invalidates across slots', async () => {
  for (let n = 1; n <= 30; n++) rig.truth.put(n, { accountId: accountId(n % 3), status: 'Draft' });
  for (let n = 1; n <= 30; n++) expect((await a.orders.readOrder(orderId(n))).value?.status).toBe('Draft');
  for (let n = 1; n <= 30; n++) expect((await b.orders.readOrder(orderId(n))).outcome).toBe('hit');
  for (const n of [0, 1, 2]) expect((await a.orders.readAccountOrders(accountId(n))).value).toHaveLength(10);

  for (let n = 1; n <= 30; n++) rig.truth.put(n, { status: 'Approved' });
  for (let n = 1; n <= 15; n++) await b.orders.invalidateOrder(orderId(n));
  for (let n = 16; n <= 30; n++) await b.orders.invalidateOrdersOfItems([itemId(n)]);
  for (let n = 1; n <= 30; n++) expect((await a.orders.readOrder(orderId(n))).value?.status).toBe('Approved');
  for (const n of [0, 1, 2]) {
    const { value } = await a.orders.readAccountOrders(accountId(n));
    expect(new Set(value.map((order) => order.status))).toEqual(new Set(['Approved']));
  }

  for (let n = 1; n <= 30; n++) rig.truth.put(n, { status: 'Cancelled' });
  await b.orders.invalidateAll();
  for (let n = 1; n <= 30; n++) expect((await a.orders.readOrder(orderId(n))).value?.status).toBe('Cancelled');
});

it('does not put an old list back', async () => {
  rig.truth.put(31, { accountId: accountId(9), status: 'Draft' });
  rig.truth.gate.hold();
  const inFlight = a.orders.readAccountOrders(accountId(9));
  await eventually(() => {
    expect(rig.truth.gate.waiting).toBe(1);
  });
  rig.truth.put(31, { status: 'Approved' });
  await b.orders.invalidateOrder(orderId(31));
  rig.truth.gate.open();
  await inFlight;
  expect((await b.orders.readAccountOrders(accountId(9))).value[0]?.status).toBe('Approved');
});
