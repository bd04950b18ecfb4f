import type { OrderId } from '../../src/domain/order';
import { eventually } from '../support/eventually';
import { ProvisioningWorld } from '../support/provisioning-world';
import { reset } from '../support/reset';

/** Somebody uses Reset in the Web UI: the run that takes over replays what the old one read, and sells nothing a second time. */
describe('a run that is reset', () => {
  let world: ProvisioningWorld;
  beforeAll(async () => {
    world = await ProvisioningWorld.onDevServer({ whmcsTimeoutMs: 10_000 });
  });
  afterAll(() => world.close());
  afterEach(() => world.whmcs.faults.clear());

  const added = (orderId: OrderId): number =>
    world.whmcs.ledger.calls('AddOrder').filter(({ customFields }) => JSON.stringify(customFields).includes(orderId))
      .length;

  it('to just after the claim looks before it adds', async () => {
    const orderId = world.order();
    const outage = world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder' });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(() => expect(outage.hits).toBeGreaterThan(0));
    await reset(world, orderId, 'claimOrder');
    outage.remove();
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
    expect(world.books(orderId)).toMatchObject([{ status: 'Active' }]);
    expect(added(orderId)).toBe(1);
  });

  it('while AddOrder is under way does not have it carried out once more', async () => {
    const orderId = world.order();
    const reached = world.whmcs.faults.whenReached('AddOrder', 1, 'before-commit', { hold: true });
    await world.orders.request(orderId, { trigger: 'cdc' });
    const call = await reached;
    await world.signal(orderId, 'provisioningRequested', { trigger: 'cdc' });
    await eventually(async () => {
      const { events } = await world.handle(orderId).fetchHistory();
      expect(events?.at(-1)?.workflowTaskCompletedEventAttributes).not.toBeNull();
      expect(
        events?.some((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'addOrder'),
      ).toBe(true);
    });
    await reset(world, orderId, null);
    call.release();
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
    expect(world.books(orderId)).toMatchObject([{ status: 'Active' }]);
    expect(added(orderId)).toBe(1);
  });
});
