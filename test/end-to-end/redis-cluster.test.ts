import { documentOf, orders } from '../cli/support/world';
import { eventually } from '../support/eventually';
import { PrivateCluster } from '../support/private-cluster';
import { RunningProduct } from '../support/running-product';

/** All processes and the command line over a Redis Cluster of three masters with a password, instead of one Redis. */
describe('the product over a Redis Cluster', () => {
  let cluster: PrivateCluster | undefined;
  let product: RunningProduct | undefined;
  let portal: string;
  beforeAll(async () => {
    cluster = await PrivateCluster.start('hunter2');
    // One seed: the others, and their login, must come of it.
    const REDIS_CLUSTER_URLS = cluster.urls[0]!;
    product = await RunningProduct.start({ REDIS_URL: '', REDIS_CLUSTER_URLS, RECONCILE_EVERY: '30 days' });
    const [, , started] = await Promise.all([product.run('worker'), product.run('listener'), product.run('portal')]);
    portal = started.url;
  }, 180_000);
  afterAll(async () => {
    await product?.stop();
    await cluster?.stop();
  });

  const read = async (orderId: string): Promise<{ cache: string | null; activationStatus: unknown }> => {
    const response = await fetch(`${portal}/orders/${orderId}`);
    const { activationStatus } = (await response.json()) as { activationStatus: unknown };
    return { cache: response.headers.get('x-cache'), activationStatus };
  };
  const json = async (...args: string[]): Promise<Record<string, unknown[]>> =>
    documentOf(await orders([...args, '--json'], product!.env)) as Record<string, unknown[]>;

  it('provisions, and shows at once what was cached before', async () => {
    const drafts = [product!.draft(), product!.draft(), product!.draft()];
    for (const orderId of drafts) {
      // Not at once: the event of its creation invalidates what is read before it is acted upon.
      await eventually(async () => expect(await read(orderId)).toEqual({ cache: 'hit', activationStatus: null }));
    }
    for (const orderId of drafts) product!.approve(orderId);
    for (const orderId of drafts) {
      await product!.activated(orderId);
      await eventually(async () =>
        expect(await read(orderId)).toEqual({ cache: 'hit', activationStatus: 'Activated' }),
      );
    }
  });

  it('keeps its place, its leases and its dead letters there', async () => {
    product!.sandbox.salesforce.faults.events.withoutRecordIds('Order');
    await product!.caughtUp();
    await eventually(async () => expect((await json('dead-letters', 'list'))['deadLetters']).toHaveLength(1));
    const listener = product!.processes.get('listener')!;
    listener.child.kill('SIGKILL');
    await listener.child.end;
    const missed = product!.draft();
    product!.approve(missed);
    await product!.run('listener');
    await product!.activated(missed);
    expect(product!.books(missed)).toHaveLength(1);
    const { checkpoints } = await json('checkpoint', 'show');
    expect(checkpoints).toContainEqual(
      expect.objectContaining({ topic: '/data/OrderChangeEvent', replayId: expect.stringMatching(/^\d+$/) as string }),
    );
    // What belongs together is spread over the masters; nothing went to the Redis of the sandbox.
    const sizes = await cluster!.everywhere('DBSIZE');
    expect(sizes.filter((size) => Number(size) > 0).length).toBeGreaterThan(1);
  }, 180_000);
});
