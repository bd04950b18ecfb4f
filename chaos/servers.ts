import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastingPort } from '../sandbox/servers/free-port';
import { startRedis, type RedisServer } from '../sandbox/servers/redis';
import { startTemporalDevServer, type TemporalServer } from '../sandbox/servers/temporal';

/** A server that can be killed and started again where it was. What is asked of it is done in the order in which it was asked. */
class Restartable {
  private server: TemporalServer | RedisServer | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private frozen = false;
  private wellSince = Number.POSITIVE_INFINITY;

  constructor(private readonly open: () => Promise<TemporalServer | RedisServer>) {}

  /** Does nothing where it runs. @throws ProgramMissing, ChildFailed */
  start(): Promise<void> {
    return this.inTurn(async () => {
      if (this.server !== undefined) return;
      this.server = await this.open();
      this.wellSince = performance.now();
    });
  }

  /** Whether it was down or frozen at any time since then (monotonic ms). */
  wasAway(since: number): boolean {
    return this.frozen || this.server === undefined || this.wellSince > since;
  }

  /** SIGKILL, and then `afterwards`, before anybody can start it again. @returns its process id; undefined where it was down */
  kill(afterwards?: () => void): Promise<number | undefined> {
    return this.inTurn(async () => {
      const { server } = this;
      this.server = undefined;
      this.frozen = false;
      server?.kill('SIGKILL');
      await server?.end;
      afterwards?.();
      return server?.pid;
    });
  }

  /** SIGSTOP: connections stay, and nobody answers. @returns its process id; undefined where it is down */
  freeze(): Promise<number | undefined> {
    return this.inTurn(() => {
      this.frozen = this.server !== undefined;
      return this.signal('SIGSTOP');
    });
  }

  thaw(): Promise<number | undefined> {
    return this.inTurn(() => {
      if (this.frozen) this.wellSince = performance.now();
      this.frozen = false;
      return this.signal('SIGCONT');
    });
  }

  private signal(signal: NodeJS.Signals): Promise<number | undefined> {
    this.server?.kill(signal);
    return Promise.resolve(this.server?.pid);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work);
    this.last = mine.catch(() => undefined);
    return mine;
  }
}

/** Temporal on a file and Redis with an append-only file. */
export class Servers {
  /** Removed by {@link stop}. */
  readonly folder = mkdtempSync(join(tmpdir(), 'order-provisioning-chaos-'));
  private readonly temporalFile = join(this.folder, 'temporal.db');
  private readonly ports = { temporal: 0, redis: 0 };
  readonly temporal = new Restartable(() =>
    startTemporalDevServer({ port: this.ports.temporal, dbFile: this.temporalFile, headless: true }),
  );
  readonly redis = new Restartable(() => startRedis({ port: this.ports.redis, dir: this.folder, appendonly: true }));

  /** @throws ProgramMissing, ChildFailed */
  async start(): Promise<void> {
    this.ports.temporal = await lastingPort();
    this.ports.redis = await lastingPort();
    await Promise.all([this.temporal.start(), this.redis.start()]);
  }

  get temporalAddress(): string {
    return `127.0.0.1:${this.ports.temporal}`;
  }

  get redisAddress(): string {
    return `127.0.0.1:${this.ports.redis}`;
  }

  /** Its store is gone: it knows of no run and of no schedule. */
  loseTemporal(): Promise<number | undefined> {
    return this.temporal.kill(() => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${this.temporalFile}${suffix}`, { force: true });
    });
  }

  async stop(): Promise<void> {
    await this.temporal.kill();
    await this.redis.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
