import { fork, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '../../sandbox/servers/redis';
import { orderId, Truth } from '../../test/cache/support/truth';
import { Releases } from '../releases';
import type { SourceReads } from '../report';
import { CONTESTANT_NAMES, type ContestantName } from './contestants';
import type { ReadRequest } from './reader-process';

const PROCESSES = 4;
/** How long the source takes for each read: long enough for all readers of all processes to come meanwhile. */
const SOURCE_MS = 500;

/** Reads of the source when `readers` in 4 processes ask at once for an order that nobody has cached. */
export async function sourceReads(readers: number): Promise<SourceReads[]> {
  const results: SourceReads[] = [];
  for (const cache of CONTESTANT_NAMES) {
    results.push({ cache, processes: PROCESSES, readers, sourceReads: await count(cache, readers / PROCESSES) });
  }
  return results;
}

async function count(cache: ContestantName, readersEach: number): Promise<number> {
  const releases = new Releases();
  try {
    const redis = await startRedis();
    releases.push(() => redis.stop());
    const truth = new Truth();
    truth.put(1, { status: 'Approved' });
    const origin = createServer((_request, response) => {
      void Promise.all([truth.readOrder(orderId(1)), sleep(SOURCE_MS)]).then(([order]) =>
        response.end(JSON.stringify(order)),
      );
    });
    await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
    releases.push(() => {
      origin.closeAllConnections();
      return new Promise((resolve) => origin.close(resolve));
    });
    const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
    const children = Array.from({ length: PROCESSES }, () =>
      fork(join(__dirname, 'reader-process.ts'), [cache, redis.url, url], { execArgv: ['--import', 'tsx'] }),
    );
    for (const child of children) releases.push(() => end(child));
    await Promise.all(children.map(nextMessage));
    const answers = children.map(nextMessage);
    for (const child of children) child.send({ orderId: orderId(1), readers: readersEach } satisfies ReadRequest);
    const served = (await Promise.all(answers)).reduce<number>((sum, each) => sum + Number(each), 0);
    if (served !== readersEach * PROCESSES) throw new Error(`Only ${served} readers were given the order`);
    return truth.reads;
  } finally {
    await releases.run();
  }
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', () => reject(new Error('A process of readers ended')));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
