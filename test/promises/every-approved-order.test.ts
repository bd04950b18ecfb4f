import type { Reached } from '../../sandbox/whmcs/barriers';
import type { OrderId } from '../../src/domain/order';
import { RunningProduct } from '../support/running-product';
import { eventually } from '../support/eventually';

/**
 * Promise 1: every order that is approved is provisioned, whatever is killed, restarted, late, repeated or out of order;
 * and, while at it, promise 2: never twice.
 */
describe('every approved order is provisioned', () => {
  let product: RunningProduct;
  beforeAll(async () => {
    product = await RunningProduct.start({ RECONCILE_EVERY: '5 seconds', STUCK_AFTER: '3 seconds' });
    await Promise.all([product.run('worker'), product.run('listener')]);
  });
  afterAll(() => product.stop());
  afterEach(() => product.sandbox.whmcs.faults.clear());

  async function kill(name: 'worker' | 'listener'): Promise<void> {
    const running = product.processes.get(name)!;
    running.child.kill('SIGKILL');
    await running.child.end;
  }

  it('approved while the listener was dead', async () => {
    await kill('listener');
    const orders = [product.draft(), product.draft()];
    orders.forEach((orderId) => product.approve(orderId));
    await product.run('listener');
    for (const orderId of orders) await product.activated(orderId);
  });

  it('approved while the worker was dead', async () => {
    await kill('worker');
    const orderId = product.draft();
    product.approve(orderId);
    await eventually(async () => expect((await product.handle(orderId).describe()).status.name).toBe('RUNNING'));
    await product.run('worker');
    await product.activated(orderId);
  });

  it('the worker is killed before and after AddOrder commits, and after AcceptOrder has', async () => {
    const { faults } = product.sandbox.whmcs;
    const points = [
      ['AddOrder', 'before-commit'],
      ['AddOrder', 'after-commit'],
      ['AcceptOrder', 'after-commit'],
    ] as const;
    // One order is held at each point, one after another, and one kill meets all of them.
    const orders: OrderId[] = [];
    const held: Reached[] = [];
    for (const [action, point] of points) {
      const orderId = product.draft();
      const reached = faults.whenReached(action, 1, point, { hold: true });
      product.approve(orderId);
      held.push(await reached);
      orders.push(orderId);
    }
    await kill('worker');
    held.forEach((call) => call.release());
    await product.run('worker');
    for (const orderId of orders) {
      await product.activated(orderId, 90_000);
      expect(product.books(orderId).filter(({ status }) => status === 'Pending')).toEqual([]);
    }
  });

  it('events come twice, late and out of order', async () => {
    const { faults } = product.sandbox.salesforce;
    const topic = '/data/OrderChangeEvent';
    faults.disorder(topic, 3);
    const orders = Array.from({ length: 6 }, () => product.draft());
    orders.forEach((orderId) => product.approve(orderId));
    faults.repeatLast(topic, 10);
    for (const orderId of orders) await product.activated(orderId);
    for (const orderId of orders) expect(product.books(orderId)).toHaveLength(1);
    faults.clear();
  });

  it('the streams are cut', async () => {
    product.sandbox.salesforce.faults.cutStreams();
    const orderId = product.draft();
    product.approve(orderId);
    await product.activated(orderId);
  });

  it('a gap event says that it changed, and not how', async () => {
    const { faults, events, store, salesUserId: userId } = product.sandbox.salesforce;
    const orderId = product.draft();
    await product.caughtUp();
    // What Salesforce does when it cannot say what changed: the write makes no event of its own.
    const silent = events.commit.bind(events);
    events.commit = () => undefined;
    store.transaction({ userId }, (tx) => tx.update('Order', orderId, { Status: 'Approved' }));
    events.commit = silent;
    faults.events.gap('Order', 'GAP_UPDATE', [orderId]);
    await product.activated(orderId);
  });

  it('no event told of it: the sweep finds it', async () => {
    await kill('listener');
    const orderId = product.draft();
    product.approve(orderId);
    await product.activated(orderId, 60_000);
    expect(await product.handle(orderId).result()).toMatchObject({ trigger: 'reconcile' });
    await product.run('listener');
  });
});
