import type { OrderId } from '../../src/domain/order';
import { eventually } from '../support/eventually';
import type { ProvisioningWorld } from '../support/provisioning-world';
import { withWorld } from '../support/suite-world';

/** A run that could not read its order knows nothing of it, and writes nothing over what somebody else knew. */
describe('an order that cannot be read', () => {
  let world: ProvisioningWorld;
  withWorld((made) => (world = made));

  /** The items cannot be read, while the fields of the order that the product writes can. */
  function hideItems(): void {
    const message = "No such column 'Billing_Cycle__c' on entity 'OrderItem'";
    world.salesforce.rest.faults.add({
      kind: 'error',
      path: 'FROM OrderItems',
      status: 400,
      errorCode: 'INVALID_FIELD',
      message,
    });
  }

  it.each([
    ['is provisioned', 'Activated', null, '9'],
    ['was cancelled', 'Failed', 'CANCELLED', null],
    ['is billed unmarked', 'Failed', 'WHMCS_ORDER_UNMARKED', null],
  ])('and %s stays as it is', async (_what, activation, errorCode, whmcsOrderId) => {
    const orderId = world.order();
    world.edit('Order', orderId, {
      Activation_Status__c: activation,
      Activation_Error_Code__c: errorCode,
      WHMCS_Order_ID__c: whmcsOrderId,
    });
    hideItems();
    await world.orders.request(orderId, { trigger: 'cdc', approvedAt: Date.now() });
    await world.in(orderId, 'AwaitingReprovision');
    await told(orderId);
    expect(world.record(orderId)).toMatchObject({ activation, errorCode, whmcsOrderId });
    world.salesforce.rest.faults.clear();
    await world.signal(orderId, 'cancel');
    await world.result(orderId);
  });

  it('and is nobody’s yet is marked Failed', async () => {
    const orderId = world.order();
    hideItems();
    await world.orders.request(orderId, { trigger: 'cdc' });
    await world.in(orderId, 'AwaitingReprovision');
    await told(orderId);
    expect(world.record(orderId)).toMatchObject({ activation: 'Failed', errorCode: 'SF_FIELD_MISSING' });
    world.salesforce.rest.faults.clear();
    await world.signal(orderId, 'reprovision');
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
  });

  /** Waits until Salesforce has been told of the failure, or the activity has decided not to. */
  async function told(orderId: OrderId): Promise<void> {
    await eventually(async () => {
      const { events = [] } = await world.handle(orderId).fetchHistory();
      const asked = events?.find(
        (each) => each.activityTaskScheduledEventAttributes?.activityType?.name === 'markFailed',
      );
      const ended = events?.map((each) => each.activityTaskCompletedEventAttributes?.scheduledEventId) ?? [];
      expect(asked).toBeDefined();
      expect(ended.map(String)).toContain(String(asked?.eventId));
    });
  }
});
