import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '../../sandbox/servers/redis';
import { Resources } from '../../src/processes/resources';
import { orderId, Truth } from '../../test/cache/support/truth';
import { Forked } from '../forked';
import type { SourceReads } from '../report';
import { CONTESTANT_NAMES } from './contestants';
import type { ReaderRequest } from './reader-process';

const PROCESSES = 4;
/** How long the source takes for each read: long enough for all readers of all processes to come meanwhile. */
const SOURCE_MS = 500;

/** Reads of the source when `readers` in 4 processes ask at once for an order that nobody has cached. */
export async function sourceReads(readers: number): Promise<SourceReads[]> {
  const resources = new Resources();
  try {
    const truth = new Truth();
    truth.put(1, { status: 'Approved' });
    const origin = createServer((_request, response) => {
      void Promise.all([truth.readOrder(orderId(1)), sleep(SOURCE_MS)]).then(([order]) =>
        response.end(JSON.stringify(order)),
      );
    });
    await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
    resources.push('origin', () => {
      origin.closeAllConnections();
      return new Promise((resolve) => origin.close(resolve));
    });
    const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
    const starting = Array.from({ length: PROCESSES }, () => {
      const reader = Forked.start<ReaderRequest, number | string>(join(__dirname, 'reader-process.ts'), [url]);
      resources.push('reader', async () => (await reader).kill());
      return reader;
    });
    const processes = await Promise.all(starting);

    const results: SourceReads[] = [];
    for (const cache of CONTESTANT_NAMES) {
      truth.reads = 0;
      await readAtOnce(cache, readers, processes);
      results.push({ cache, processes: PROCESSES, readers, sourceReads: truth.reads });
    }
    return results;
  } finally {
    await resources.release();
  }
}

/** Each contestant has a Redis of its own, empty. */
async function readAtOnce(
  cache: string,
  readers: number,
  processes: readonly Forked<ReaderRequest, number | string>[],
): Promise<void> {
  const redis = await startRedis();
  const ask = (request: ReaderRequest) => Promise.all(processes.map((process) => process.ask(request)));
  try {
    await ask({ enter: cache, redisUrl: redis.url });
    const served = await ask({ read: orderId(1), readers: readers / PROCESSES });
    const all = served.reduce<number>((sum, each) => sum + Number(each), 0);
    if (all !== readers) throw new Error(`Only ${all} readers of ${cache} were given the order`);
    await ask({ leave: true });
  } finally {
    await redis.stop();
  }
}
