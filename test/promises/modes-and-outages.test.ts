import type { OrderId } from '../../src/domain/order';
import { RunningProduct } from '../support/running-product';

/** Promises 1 and 2 over what changes slowly: the mode of the installation, and outages longer than Salesforce's memory. */
const DUAL = { SF_PROVISION_EVENT_CHANNEL: '/event/Order_Fulfilment_Requested__e' };
const CDC = { SF_PROVISION_EVENT_CHANNEL: '' };
const ORDERS = 12;

describe('changes of mode and long outages', () => {
  let product: RunningProduct;
  beforeAll(async () => {
    // The schedule never comes in the way: what is swept for, the listener asked for.
    product = await RunningProduct.start({ RECONCILE_EVERY: '30 days' });
    await product.run('worker');
  });
  afterAll(() => product.stop());

  async function stopListener(): Promise<void> {
    const listener = product.processes.get('listener')!;
    await listener.stop();
    expect(listener.child.ended()).toBe('ended with exit code 0');
  }

  /** What the Flow in the org does on approval, once it is active. */
  function publish(orderId: OrderId): void {
    const { events, salesUserId } = product.sandbox.salesforce;
    events.publishPlatformEvent(
      'Order_Fulfilment_Requested__e',
      { OrderId__c: orderId, Priority__c: 'High' },
      salesUserId,
    );
  }

  /** Approves orders one after another, with the Flow active or not, and changes the listener's mode between two of them. */
  async function whileOrdersFlow(
    flowIsActive: (index: number) => boolean,
    change: () => Promise<void>,
  ): Promise<OrderId[]> {
    const orders: OrderId[] = [];
    let changing: Promise<void> | undefined;
    for (let index = 0; index < ORDERS; index++) {
      const orderId = product.draft();
      product.approve(orderId);
      if (flowIsActive(index)) publish(orderId);
      orders.push(orderId);
      if (index === ORDERS / 3) changing = change();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await changing;
    return orders;
  }

  async function expectOneEach(orders: OrderId[]): Promise<void> {
    for (const orderId of orders) {
      await product.activated(orderId, 90_000);
      expect(product.books(orderId)).toHaveLength(1);
    }
  }

  it('from CDC only to dual while orders flow: none lost, none doubled', async () => {
    await product.run('listener', CDC);
    // The Flow is switched on first, then the listener.
    const orders = await whileOrdersFlow(
      (index) => index >= ORDERS / 4,
      async () => {
        await stopListener();
        await product.run('listener', DUAL);
      },
    );
    await expectOneEach(orders);
    const byEvent = product.draft();
    product.approve(byEvent);
    publish(byEvent);
    await product.activated(byEvent);
    expect(await product.handle(byEvent).result()).toMatchObject({ trigger: 'platform-event' });
  });

  it('and back, while orders flow: none lost, none doubled', async () => {
    // The listener is switched first, then the Flow is switched off.
    const orders = await whileOrdersFlow(
      (index) => index < (ORDERS * 3) / 4,
      async () => {
        await stopListener();
        await product.run('listener', CDC);
      },
    );
    await expectOneEach(orders);
    const byChange = product.draft();
    product.approve(byChange);
    await product.activated(byChange);
  });

  it('four days without a listener: Salesforce has forgotten the events, and nothing is missing', async () => {
    await stopListener();
    const forgotten = [product.draft(), product.draft(), product.draft()];
    forgotten.forEach((orderId) => product.approve(orderId));
    product.sandbox.salesforce.clock.advance(4 * 86_400_000);
    const remembered = product.draft();
    product.approve(remembered);
    await product.run('listener', CDC);
    await expectOneEach([...forgotten, remembered]);
    expect(await product.handle(forgotten[0]!).result()).toMatchObject({ trigger: 'reconcile' });
  });
});
