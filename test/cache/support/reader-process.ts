import { CacheConnection, OrdersCache, type OrderId, type OrderView } from '../../../src/cache';

/**
 * A process of readers: argv has the URL of Redis and of an origin that stands for Salesforce. Asked over IPC to read an
 * order `readers` times at once, it answers with the outcomes and values seen.
 */
export interface ReadRequest {
  orderId: string;
  readers: number;
}
export interface ReadResult {
  outcomes: string[];
  statuses: (string | undefined)[];
}

const [redisUrl = '', origin = ''] = process.argv.slice(2);
const connection = new CacheConnection({ url: redisUrl });
const orders = new OrdersCache({
  connection,
  source: {
    readOrder: async (orderId: OrderId) => {
      const answer = await fetch(`${origin}/${orderId}`, { headers: { 'x-reader': String(process.pid) } });
      return (await answer.json()) as OrderView;
    },
    readAccountOrders: () => Promise.resolve([]),
  },
});

process.on('message', ({ orderId, readers }: ReadRequest) => {
  void Promise.all(Array.from({ length: readers }, () => orders.readOrder(orderId as OrderId))).then((replies) => {
    process.send?.({
      outcomes: replies.map((reply) => reply.outcome),
      statuses: replies.map((reply) => reply.value?.status),
    } satisfies ReadResult);
  });
});
process.on('disconnect', () => process.exit());

void connection.ready().then(() => process.send?.('ready'));
