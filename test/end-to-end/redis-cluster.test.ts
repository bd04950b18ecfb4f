import type { ProcessName, RunningProcess } from '../../sandbox/processes';
import { documentOf, orders } from '../cli/support/world';
import { eventually } from '../support/eventually';
import { PrivateCluster } from '../support/private-cluster';
import { makeUsers, type RedisUsers } from '../support/redis-users';
import { RunningProduct } from '../support/running-product';

/**
 * All processes and the command line over a Redis Cluster of three masters, instead of one Redis; each as its own user, with the rights of
 * docs/redis-acl.md and no others.
 */
describe('the product over a Redis Cluster', () => {
  let cluster: PrivateCluster | undefined;
  let product: RunningProduct | undefined;
  let users: RedisUsers | undefined;
  let cli: Record<string, string>;
  let portal: string;
  beforeAll(async () => {
    cluster = await PrivateCluster.start('hunter2');
    users = await makeUsers(...cluster.urls);
    product = await RunningProduct.start({ REDIS_URL: '', RECONCILE_EVERY: '30 days' });
    const [, , started] = await Promise.all([run('worker'), run('listener'), run('portal')]);
    portal = started.url;
    cli = { ...product.env, ...as('cli') };
  });
  afterAll(async () => {
    await product?.stop();
    users?.close();
    await cluster?.stop();
  });

  // One seed: the others, and their login, must come of it.
  const as = (name: string) => ({ REDIS_CLUSTER_URLS: users!.url(`order-${name}`) });
  const run = (name: ProcessName): Promise<RunningProcess> => product!.run(name, as(name));

  const read = async (orderId: string): Promise<{ cache: string | null; activationStatus: unknown }> => {
    const response = await fetch(`${portal}/orders/${orderId}`);
    const { activationStatus } = (await response.json()) as { activationStatus: unknown };
    return { cache: response.headers.get('x-cache'), activationStatus };
  };
  const json = async (...args: string[]): Promise<Record<string, unknown[]>> =>
    documentOf(await orders([...args, '--json'], cli)) as Record<string, unknown[]>;

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
    await run('listener');
    await product!.activated(missed);
    expect(product!.books(missed)).toHaveLength(1);
    const { checkpoints } = await json('checkpoint', 'show');
    expect(checkpoints).toContainEqual(
      expect.objectContaining({ topic: '/data/OrderChangeEvent', replayId: expect.stringMatching(/^\d+$/) as string }),
    );
    // What belongs together is spread over the masters; nothing went to the Redis of the sandbox.
    const sizes = await cluster!.everywhere('DBSIZE');
    expect(sizes.filter((size) => Number(size) > 0).length).toBeGreaterThan(1);
  });

  it('was refused nothing, and may do no more than it needs', async () => {
    // The client tells its name and version where it may, and does without.
    expect((await users!.refused()).filter((refusal) => !refusal.includes('client|setinfo'))).toEqual([]);
    for (const name of ['order-listener', 'order-worker', 'order-portal', 'order-cli']) {
      await expect(users!.command(name, ['CLUSTER', 'NODES'])).rejects.toThrow(/NOPERM/);
    }
  });
});
