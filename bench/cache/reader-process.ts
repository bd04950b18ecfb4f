import { parseOrderId, type OrderView } from '../../src/cache';
import { CONTESTANT_NAMES, CONTESTANTS } from './contestants';

/**
 * A process of readers: argv has a contestant, the URL of Redis and of an origin that stands for Salesforce. For each
 * request over IPC it reads the order `readers` times at once, and answers with how many were given it.
 */
export interface ReadRequest {
  orderId: string;
  readers: number;
}

const [name = '', redisUrl = '', origin = ''] = process.argv.slice(2);
const contestant = CONTESTANT_NAMES.find((each) => each === name);
if (contestant === undefined) throw new Error(`There is no contestant ${name}`);
process.on('disconnect', () => process.exit());

void CONTESTANTS[contestant](redisUrl, {
  readOrder: async (orderId) => (await (await fetch(`${origin}/${orderId}`)).json()) as OrderView,
  readAccountOrders: () => Promise.resolve([]),
}).then((cache) => {
  process.on('message', ({ orderId, readers }: ReadRequest) => {
    const id = parseOrderId(orderId);
    void Promise.all(Array.from({ length: readers }, () => cache.read(id))).then((orders) => {
      process.send?.(orders.filter((order) => order?.id === id).length);
    });
  });
  process.send?.('ready');
});
