import { fork, type ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ReadRequest, ReadResult } from '../cache/support/reader-process';
import { Gate, orderId } from '../cache/support/truth';
import { CacheConnection, CacheInvalidator } from '../../src/cache';
import { eventually } from '../support/eventually';
import { PrivateRedis } from '../support/private-redis';

/** Promise 4: N concurrent readers of a missing key, in any number of processes, cost one Salesforce read. */

const PROCESSES = 4;
const READERS = 50;

/** Stands for Salesforce: counts, and holds its answers. */
class Origin {
  readonly gate = new Gate();
  readonly readers: number[] = [];
  status = 'Draft';
  readonly #server: Server = createServer((request, response) => {
    this.readers.push(Number(request.headers['x-reader']));
    const body = JSON.stringify({ id: request.url?.slice(1), status: this.status, items: [] });
    void this.gate.pass().then(() => response.end(body));
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  reset(): void {
    this.gate.open();
    this.readers.length = 0;
    this.status = 'Draft';
  }

  async close(): Promise<void> {
    this.gate.open();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

let redis: PrivateRedis;
let origin: Origin;
let children: ChildProcess[] = [];

beforeAll(async () => {
  redis = await PrivateRedis.start();
  origin = new Origin();
  const url = await origin.listen();
  const script = join(__dirname, '../cache/support/reader-process.ts');
  children = Array.from({ length: PROCESSES }, () => fork(script, [redis.url, url], { execArgv: ['--import', 'tsx'] }));
  await Promise.all(children.map((child) => next(child)));
});
beforeEach(async () => {
  await redis.command('FLUSHALL');
  origin.reset();
});
afterAll(async () => {
  await Promise.all(children.map(end));
  await origin.close();
  await redis.stop();
});

/** The next message of the process. */
function next(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', () => reject(new Error('the process ended')));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

function ask(child: ChildProcess, readers = READERS): Promise<ReadResult> {
  const answer = next(child) as Promise<ReadResult>;
  child.send({ orderId: orderId(1), readers } satisfies ReadRequest);
  return answer;
}

const tally = (results: ReadResult[], outcome: string): number =>
  results.flatMap((result) => result.outcomes).filter((each) => each === outcome).length;

describe(`${READERS} readers in each of ${PROCESSES} processes`, () => {
  it('cost one read of Salesforce', async () => {
    origin.gate.hold();
    const asked = children.map((child) => ask(child));
    await eventually(() => {
      expect(origin.gate.waiting).toBeGreaterThan(0);
    });
    origin.gate.open();
    const results = await Promise.all(asked);
    expect(origin.readers).toHaveLength(1);
    expect(tally(results, 'miss')).toBe(1);
    expect(new Set(results.flatMap((result) => result.statuses))).toEqual(new Set(['Draft']));
  });

  it('cost one more after an invalidation', async () => {
    await Promise.all(children.map((child) => ask(child)));
    origin.status = 'Approved';
    const connection = new CacheConnection({ url: redis.url });
    try {
      await connection.ready();
      await new CacheInvalidator(connection).invalidateOrder(orderId(1));
    } finally {
      connection.close();
    }
    const results = await Promise.all(children.map((child) => ask(child)));
    expect(origin.readers).toHaveLength(2);
    expect(new Set(results.flatMap((result) => result.statuses))).toEqual(new Set(['Approved']));
  });

  it('cost one more when the process that reads is killed, and all others are answered', async () => {
    origin.gate.hold();
    const asked = new Map(children.map((child) => [child.pid, ask(child).catch(() => undefined)]));
    await eventually(() => {
      expect(origin.readers).toHaveLength(1);
    });
    const reading = children.find((child) => child.pid === origin.readers[0])!;
    reading.kill('SIGKILL');
    await eventually(() => {
      expect(origin.readers).toHaveLength(2);
    });
    origin.gate.open();
    const results = await Promise.all(asked.values());
    const answered = results.filter((result) => result !== undefined);
    expect(answered).toHaveLength(PROCESSES - 1);
    expect(answered.flatMap((result) => result.statuses)).toHaveLength((PROCESSES - 1) * READERS);
    expect(origin.readers).toHaveLength(2);
    expect(tally(answered, 'bypass')).toBe(0);
  });
});
