import { eventually } from '../support/eventually';
import { RunningProduct } from '../support/running-product';

/** Salesforce keeps the place of the order channel, instead of a checkpoint in Redis. */
const NAME = 'Order_Provisioning';

describe('a listener with a managed subscription', () => {
  let product: RunningProduct;
  beforeAll(async () => {
    product = await RunningProduct.start({ SF_MANAGED_SUBSCRIPTION_ORDER: NAME, RECONCILE_EVERY: '30 days' });
    await Promise.all([product.run('worker'), product.run('listener')]);
  });
  afterAll(() => product.stop());

  const committed = (): string | undefined => product.sandbox.salesforce.pubsub.managed.committed(NAME);

  it('provisions, and commits its place in Salesforce', async () => {
    const orderId = product.draft();
    product.approve(orderId);
    await product.activated(orderId);
    await eventually(() => expect(committed()).toBeDefined());
  });

  it('goes on from that place after it was killed: none lost, none doubled', async () => {
    const listener = product.processes.get('listener')!;
    listener.child.kill('SIGKILL');
    await listener.child.end;
    const orders = [product.draft(), product.draft()];
    orders.forEach((orderId) => product.approve(orderId));
    const before = committed();
    await product.run('listener');
    for (const orderId of orders) {
      await product.activated(orderId);
      expect(product.books(orderId)).toHaveLength(1);
    }
    await eventually(() => expect(committed()).not.toBe(before));
  });
});
