import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildProduct } from '../../chaos/build';
import { startRedis } from '../../sandbox/servers/redis';
import { startTemporalDevServer } from '../../sandbox/servers/temporal';
import { leftBehind, RUN_VARIABLE } from './left-behind';

/** How a suite, in whatever process jest runs it, reaches the servers of the run. */
export const SERVERS_VARIABLE = 'ORDER_PROVISIONING_TEST_SERVERS';

interface Shared {
  address: string;
  stop(): Promise<void>;
}

/**
 * What the suites of one jest run share: one Temporal dev server, one Redis and one build of the product, each made when the
 * first suite asks, so a run of pure tests makes none. Suites ask over HTTP, since jest runs them in other processes than the global set-up.
 */
export class SharedServers {
  private readonly started = new Map<string, Promise<Shared>>();
  private readonly starters: Record<string, () => Promise<Shared>> = {
    temporal: () => startTemporalDevServer({ headless: process.env['TEST_TEMPORAL_UI'] === undefined }),
    redis: async () => {
      const redis = await startRedis();
      return { address: redis.url, stop: () => redis.stop() };
    },
    build: async () => {
      const build = await buildProduct();
      return {
        address: build.folder,
        stop: () => {
          build.remove();
          return Promise.resolve();
        },
      };
    },
  };

  private constructor(private readonly broker: Server) {}

  static async open(): Promise<SharedServers> {
    const broker = createServer();
    const servers = new SharedServers(broker);
    broker.on('request', (request, response) => {
      servers.addressOf((request.url ?? '').slice(1)).then(
        // Closed at once: a suite whose event loop stood still would reuse a connection that we have given up meanwhile.
        (address) => response.writeHead(200, { connection: 'close' }).end(address),
        (error: unknown) =>
          response.writeHead(500, { connection: 'close' }).end(error instanceof Error ? error.message : String(error)),
      );
    });
    await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
    process.env[SERVERS_VARIABLE] = `http://127.0.0.1:${(broker.address() as AddressInfo).port}`;
    process.env[RUN_VARIABLE] = randomUUID();
    return servers;
  }

  /** @throws Error naming the processes that the run left behind; they are killed */
  async close(): Promise<void> {
    this.broker.closeAllConnections();
    await new Promise((resolve) => this.broker.close(resolve));
    const started = await Promise.allSettled(this.started.values());
    for (const server of started) if (server.status === 'fulfilled') await server.value.stop();
    const left = await leftBehind(process.env[RUN_VARIABLE] ?? '');
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    if (left.length > 0) {
      throw new Error(
        `Tests left processes behind:\n${left.map(({ pid, command }) => `  ${pid} ${command}`).join('\n')}`,
      );
    }
  }

  private async addressOf(name: string): Promise<string> {
    const starter = this.starters[name];
    if (!starter) throw new Error(`There is no shared server named ${name}`);
    const started = this.started.get(name) ?? starter();
    this.started.set(name, started);
    return (await started).address;
  }
}
