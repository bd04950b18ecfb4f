import { startRedis, type RedisServer } from '../../sandbox/servers/redis';

/** A Redis that keeps nothing, and can be lost and come back on the same port. */
export class LosableRedis {
  private constructor(private server: RedisServer) {}

  static async start(): Promise<LosableRedis> {
    return new LosableRedis(await startRedis());
  }

  get url(): string {
    return this.server.url;
  }

  async empty(): Promise<void> {
    const { port } = this.server;
    this.server.kill('SIGKILL');
    await this.server.stop();
    this.server = await startRedis({ port });
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}
