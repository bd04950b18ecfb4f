import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../sandbox/servers/free-port';
import { startRedis, type RedisServer } from '../sandbox/servers/redis';
import { startTemporalDevServer, type TemporalServer } from '../sandbox/servers/temporal';

/** Temporal on a file and Redis with an append-only file, each of which can be killed and started again where it was. */
export class Servers {
  private readonly folder = mkdtempSync(join(tmpdir(), 'order-provisioning-chaos-'));
  private readonly ports = { temporal: 0, redis: 0 };
  private temporalServer: TemporalServer | undefined;
  private redisServer: RedisServer | undefined;

  /** @throws ProgramMissing, ChildFailed */
  async start(): Promise<void> {
    this.ports.temporal = await freePort();
    this.ports.redis = await freePort();
    await Promise.all([this.startTemporal(), this.startRedis()]);
  }

  get temporalAddress(): string {
    return `127.0.0.1:${this.ports.temporal}`;
  }

  get redisAddress(): string {
    return `127.0.0.1:${this.ports.redis}`;
  }

  async startTemporal(): Promise<void> {
    if (this.temporalServer !== undefined) return;
    const { temporal: port } = this.ports;
    this.temporalServer = await startTemporalDevServer({ port, dbFile: this.temporalFile, headless: true });
  }

  async killTemporal(): Promise<void> {
    const server = this.temporalServer;
    this.temporalServer = undefined;
    server?.kill('SIGKILL');
    await server?.end;
  }

  /** Its store is gone: it knows of no run and of no schedule. */
  async loseTemporal(): Promise<void> {
    await this.killTemporal();
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${this.temporalFile}${suffix}`, { force: true });
  }

  async startRedis(): Promise<void> {
    if (this.redisServer !== undefined) return;
    this.redisServer = await startRedis({ port: this.ports.redis, dir: this.folder, appendonly: true });
  }

  async killRedis(): Promise<void> {
    const server = this.redisServer;
    this.redisServer = undefined;
    server?.kill('SIGKILL');
    await server?.end;
  }

  async stop(): Promise<void> {
    await this.killTemporal();
    await this.killRedis();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get temporalFile(): string {
    return join(this.folder, 'temporal.db');
  }
}
