import { parseOrderId, type OrderView } from '../../src/cache';
import { answerRequests } from '../forked';
import { enter, type Contestant } from './contestants';

/**
 * A process of readers: argv has the URL of an origin that stands for Salesforce. Each request over IPC is answered once
 * it is done; a read of an order `readers` times at once with how many were given it.
 */
export type ReaderRequest = { enter: string; redisUrl: string } | { read: string; readers: number } | { leave: true };

const [origin = ''] = process.argv.slice(2);
let contestant: Contestant | undefined;

async function handle(request: ReaderRequest): Promise<number | string> {
  if ('enter' in request) {
    contestant = await enter(request.enter, request.redisUrl, {
      readOrder: async (orderId) => (await (await fetch(`${origin}/${orderId}`)).json()) as OrderView,
    });
    return 'entered';
  }
  if (contestant === undefined) throw new Error('Nobody has entered');
  const { read, close } = contestant;
  if ('leave' in request) {
    await close();
    return 'left';
  }
  const id = parseOrderId(request.read);
  const orders = await Promise.all(Array.from({ length: request.readers }, () => read(id)));
  return orders.filter((order) => order?.id === id).length;
}

answerRequests(handle);
