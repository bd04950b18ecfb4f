import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { findProgram } from '../../sandbox/servers/find-program';
import { eventually } from './eventually';
import { freePort } from './private-redis';

/** A Redis Cluster of three masters, a suite's own. */
export class PrivateCluster {
  readonly #nodes: ChildProcess[] = [];
  readonly urls: string[] = [];
  #directory = '';

  static async start(): Promise<PrivateCluster> {
    const cluster = new PrivateCluster();
    try {
      await cluster.#start();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  async #start(): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), 'cluster-'));
    const program = await findProgram('redis-server');
    const ports = [await freePort(), await freePort(), await freePort()];
    const buses: number[] = [];
    for (const port of ports) buses.push(await this.#startNode(program, port));
    for (const [n, port] of ports.entries()) {
      const [from, to] = [Math.ceil((16384 * n) / 3), Math.ceil((16384 * (n + 1)) / 3) - 1];
      await commandAt(port, 'CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
      await commandAt(port, 'CLUSTER', 'SET-CONFIG-EPOCH', String(n + 1));
    }
    for (const n of [1, 2]) {
      await commandAt(ports[0]!, 'CLUSTER', 'MEET', '127.0.0.1', String(ports[n]), String(buses[n]));
    }
    await eventually(async () => {
      for (const port of ports) {
        expect(await commandAt(port, 'CLUSTER', 'INFO')).toContain('cluster_state:ok');
        expect(await commandAt(port, 'CLUSTER', 'INFO')).toContain('cluster_known_nodes:3');
      }
    });
  }

  async #startNode(program: string, port: number): Promise<number> {
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
      program,
      args.flatMap(([name, value]) => [`--${name}`, String(value)]),
      { stdio: 'ignore' },
    );
    this.#nodes.push(node);
    this.urls.push(`redis://127.0.0.1:${port}`);
    await eventually(async () => {
      expect(await commandAt(port, 'PING')).toBe('PONG');
    });
    return bus;
  }

  /** A command to each node, over connections of its own; the replies in the order of {@link urls}. */
  async everywhere(...args: string[]): Promise<unknown[]> {
    return Promise.all(this.urls.map((url) => commandAt(Number(new URL(url).port), ...args)));
  }

  async stop(): Promise<void> {
    for (const node of this.#nodes) {
      if (node.exitCode !== null || node.signalCode !== null) continue;
      const gone = new Promise((resolve) => node.once('exit', resolve));
      node.kill('SIGKILL');
      await gone;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function commandAt(port: number, ...args: string[]): Promise<unknown> {
  const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: false } });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await client.sendCommand(args);
  } finally {
    client.destroy();
  }
}
