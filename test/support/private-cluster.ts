import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { findProgram } from '../../sandbox/servers/find-program';
import { eventually } from './eventually';
import { freePort } from '../../sandbox/servers/free-port';

/** A Redis Cluster of three masters, a suite's own. With a password where nodes must be logged in to. */
export class PrivateCluster {
  readonly #nodes: ChildProcess[] = [];
  readonly urls: string[] = [];
  #directory = '';

  private constructor(private readonly password: string | undefined) {}

  static async start(password?: string): Promise<PrivateCluster> {
    const cluster = new PrivateCluster(password);
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
      await this.#command(port, 'CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
      await this.#command(port, 'CLUSTER', 'SET-CONFIG-EPOCH', String(n + 1));
    }
    for (const n of [1, 2]) {
      await this.#command(ports[0]!, 'CLUSTER', 'MEET', '127.0.0.1', String(ports[n]), String(buses[n]));
    }
    await eventually(async () => {
      for (const port of ports) {
        expect(await this.#command(port, 'CLUSTER', 'INFO')).toContain('cluster_state:ok');
        expect(await this.#command(port, 'CLUSTER', 'INFO')).toContain('cluster_known_nodes:3');
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
    const login = this.password === undefined ? {} : { requirepass: this.password, masterauth: this.password };
    const args = Object.entries({ ...options, ...login, 'cluster-config-file': `nodes-${port}.conf` });
    const node = spawn(
      program,
      args.flatMap(([name, value]) => [`--${name}`, String(value)]),
      { stdio: 'ignore' },
    );
    this.#nodes.push(node);
    this.urls.push(this.#url(port));
    await eventually(async () => {
      expect(await this.#command(port, 'PING')).toBe('PONG');
    });
    return bus;
  }

  /** A command to the n-th node. */
  command(n: number, ...args: string[]): Promise<unknown> {
    return this.#command(Number(new URL(this.urls[n]!).port), ...args);
  }

  /** A command to each node, over connections of its own; the replies in the order of {@link urls}. */
  async everywhere(...args: string[]): Promise<unknown[]> {
    return Promise.all(this.urls.map((_url, n) => this.command(n, ...args)));
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

  #url(port: number): string {
    return `redis://${this.password === undefined ? '' : `:${this.password}@`}127.0.0.1:${port}`;
  }

  async #command(port: number, ...args: string[]): Promise<unknown> {
    const client = createClient({ url: this.#url(port), socket: { reconnectStrategy: false } });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await client.sendCommand(args);
    } finally {
      client.destroy();
    }
  }
}
