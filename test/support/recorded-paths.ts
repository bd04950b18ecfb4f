import { eventually } from './eventually';
import type { ProvisioningWorld } from './provisioning-world';
import { reset, type HistoryEvent } from './reset';
import type { OrderId } from '../../src/domain/order';
import { provisioningRun } from '../../src/temporal/orders';
import { cancel, PROVISION_ORDER, provisionWorkflowId, RECONCILE_ORDERS } from '../../src/workflows/contract';

/**
 * A way through a workflow whose history is kept in `test/histories`, and how to walk it: in `world`, or in `impatient`, whose runs
 * wait a second for a person. Resolves with the workflow's id, once it has come to its end.
 */
export type RecordedPath = (world: ProvisioningWorld, impatient: ProvisioningWorld) => Promise<string>;

/** Events after which the server that records suggests to continue as new: the longest path has fewer. */
export const LONG_HISTORY_WHEN_RECORDED = 120;

async function ended(world: ProvisioningWorld, orderId: OrderId): Promise<string> {
  await world.result(orderId);
  return provisionWorkflowId(orderId);
}

async function waiting(world: ProvisioningWorld): Promise<OrderId> {
  const orderId = world.order({ products: [null] });
  await world.orders.request(orderId, { trigger: 'cdc' });
  await world.in(orderId, 'AwaitingReprovision');
  await eventually(() => {
    if (world.record(orderId).activation !== 'Failed') throw new Error('not yet marked Failed');
  });
  return orderId;
}

function link(world: ProvisioningWorld, orderId: OrderId): void {
  const item = world.salesforce.store.rows('OrderItem').find((row) => row['OrderId'] === orderId);
  world.edit('Product2', String(item?.['Product2Id']), { WHMCS_Product_ID__c: '1' });
}

function remove(world: ProvisioningWorld, orderId: OrderId): void {
  const { store, salesUserId: userId } = world.salesforce;
  store.transaction({ userId }, (tx) => tx.delete('Order', orderId));
}

/** What a person does who is told that WHMCS bills an order which is gone in Salesforce. */
function terminate(world: ProvisioningWorld, orderId: OrderId): void {
  for (const { id } of world.books(orderId)) {
    for (const service of world.whmcs.store.servicesOf(world.whmcs.store.orders.get(id)!))
      service.status = 'Terminated';
  }
}

/** Waits for an event in the history of the order's run. */
function until(world: ProvisioningWorld, orderId: OrderId, is: (event: HistoryEvent) => unknown): Promise<void> {
  return eventually(async () => {
    const { events } = await world.handle(orderId).fetchHistory();
    if (events?.some((event) => is(event) != null) !== true) throw new Error('not yet in the history');
  });
}

/** Signals until the run goes on as a new one. */
async function flood(world: ProvisioningWorld, orderId: OrderId, signal: () => Promise<unknown>): Promise<void> {
  const { runId } = await world.handle(orderId).describe();
  do await signal();
  while ((await world.handle(orderId).describe()).runId === runId);
}

/** A run that cannot tell Salesforce of its failure, since Salesforce takes no writes. */
async function untold(world: ProvisioningWorld): Promise<OrderId> {
  const orderId = world.order({ products: [null] });
  const path = `/sobjects/Order/${orderId}`;
  // The first is the claim.
  const outage = world.salesforce.rest.faults.add({ kind: 'unavailable', method: 'PATCH', path, skip: 1 });
  await world.orders.request(orderId, { trigger: 'cdc' });
  await eventually(() => {
    if (outage.struck === 0) throw new Error('not yet refused');
  });
  return orderId;
}

async function inDoubt(world: ProvisioningWorld): Promise<OrderId> {
  const orderId = world.order();
  world.whmcs.faults.add({ kind: 'commitThenLose', action: 'AddOrder', count: 1 });
  await world.orders.request(orderId, { trigger: 'platform-event', priority: 1, correlationId: 'recorded' });
  await eventually(async () => {
    if ((await world.status(orderId)).lastError?.code !== 'WHMCS_AMBIGUOUS') throw new Error('not yet in doubt');
  });
  return orderId;
}

/** A run whose AcceptOrder fails, until `mend` is called. */
async function unaccepted(world: ProvisioningWorld): Promise<{ orderId: OrderId; mend: () => void }> {
  const orderId = world.order();
  const outage = world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder' });
  await world.orders.request(orderId, { trigger: 'cdc' });
  await eventually(() => {
    if (outage.hits === 0) throw new Error('not yet refused');
  });
  return { orderId, mend: () => outage.remove() };
}

export const RECORDED_PATHS: Record<string, RecordedPath> = {
  activated: async (world) => {
    const orderId = world.order({ products: ['1', '2'] });
    await world.orders.request(orderId, { trigger: 'cdc' });
    return ended(world, orderId);
  },
  skipped: async (world) => {
    const orderId = world.order({ fields: { WHMCS_Order_ID__c: '4711' } });
    await world.orders.request(orderId, { trigger: 'cdc' });
    return ended(world, orderId);
  },
  'in-doubt-then-adopted': async (world) => {
    const orderId = await inDoubt(world);
    return ended(world, orderId);
  },
  'failed-then-reprovisioned': async (world) => {
    const orderId = await waiting(world);
    link(world, orderId);
    await world.signal(orderId, 'reprovision');
    return ended(world, orderId);
  },
  'cancelled-while-waiting': async (world) => {
    const orderId = await waiting(world);
    await world.signal(orderId, 'cancel');
    return ended(world, orderId);
  },
  'cancelled-in-doubt-compensated': async (world) => {
    const orderId = await inDoubt(world);
    await world.signal(orderId, 'cancel', { reason: 'recorded' });
    return ended(world, orderId);
  },
  'cancel-too-late': async (world) => {
    const orderId = world.order();
    const reached = world.whmcs.faults.whenReached('AcceptOrder', 1, 'after-commit', { hold: true });
    await world.orders.request(orderId, { trigger: 'cdc' });
    const call = await reached;
    await world.signal(orderId, 'cancel');
    call.release();
    return ended(world, orderId);
  },
  'cancelled-in-salesforce': async (world) => {
    const orderId = await waiting(world);
    world.edit('Order', orderId, { Status: 'Cancelled' });
    await world.orders.tell(orderId, 'cancelled');
    return ended(world, orderId);
  },
  'refused-then-added': async (world) => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: '429', action: 'AddOrder', count: 1 });
    await world.orders.request(orderId, { trigger: 'cdc' });
    return ended(world, orderId);
  },
  'cancelled-while-acceptance-in-doubt': async (world) => {
    const { orderId, mend } = await unaccepted(world);
    await world.signal(orderId, 'cancel');
    mend();
    return ended(world, orderId);
  },
  'withdrawn-before-acceptance': async (world) => {
    const { orderId, mend } = await unaccepted(world);
    world.edit('Order', orderId, { Status: 'Draft' });
    mend();
    return ended(world, orderId);
  },
  'edited-before-acceptance': async (world) => {
    const { orderId, mend } = await unaccepted(world);
    const item = world.salesforce.store.rows('OrderItem').find((row) => row['OrderId'] === orderId);
    world.edit('OrderItem', String(item?.Id), { Quantity: 2 });
    mend();
    await world.in(orderId, 'AwaitingReprovision');
    await world.signal(orderId, 'reprovision');
    return ended(world, orderId);
  },
  'sold-by-hand-cancel-refused': async (world) => {
    const { orderId, mend } = await unaccepted(world);
    world.whmcs.faults.add({ kind: 'businessError', action: 'CancelOrder', message: 'Not this one', count: 1 });
    world.edit('Order', orderId, { WHMCS_Order_ID__c: '4711' });
    mend();
    await world.in(orderId, 'AwaitingReprovision');
    await world.signal(orderId, 'reprovision');
    return ended(world, orderId);
  },
  'sold-by-hand-when-paid': async (world) => {
    const { orderId, mend } = await unaccepted(world);
    const order = world.whmcs.store.orders.get(world.books(orderId)[0]!.id)!;
    const services = world.whmcs.store.servicesOf(order);
    order.status = 'Active';
    for (const service of services) service.status = 'Active';
    world.edit('Order', orderId, { WHMCS_Order_ID__c: '4711' });
    mend();
    await world.in(orderId, 'AwaitingReprovision');
    await world.signal(orderId, 'cancel');
    await eventually(async () => {
      const { history } = await world.status(orderId);
      if (history.filter(({ note }) => note === 'WHMCS_DUPLICATE_ACTIVE').length < 2)
        throw new Error('not yet looked at');
    });
    for (const service of services) service.status = 'Terminated';
    await world.signal(orderId, 'reprovision');
    return ended(world, orderId);
  },
  'told-late-of-an-old-cancellation': async (world) => {
    const { orderId, mend } = await unaccepted(world);
    await world.orders.tell(orderId, 'cancelled');
    mend();
    return ended(world, orderId);
  },
  'asked-again-while-running': async (world) => {
    const orderId = world.order();
    const reached = world.whmcs.faults.whenReached('AddOrder', 1, 'before-commit', { hold: true });
    await world.orders.request(orderId, { trigger: 'cdc' });
    const call = await reached;
    await world.orders.request(orderId, { trigger: 'cdc' });
    call.release();
    return ended(world, orderId);
  },
  'deleted-when-active': async (world) => {
    const orderId = world.order();
    const reached = world.whmcs.faults.whenReached('AcceptOrder', 1, 'after-commit', { hold: true });
    await world.orders.request(orderId, { trigger: 'cdc' });
    const call = await reached;
    remove(world, orderId);
    call.drop();
    await world.in(orderId, 'AwaitingReprovision');
    terminate(world, orderId);
    await world.signal(orderId, 'cancel');
    return ended(world, orderId);
  },
  'salesforce-could-not-be-told': async (world) => {
    const orderId = world.order();
    const rule = world.salesforce.rest.faults.add({ kind: 'validation', object: 'Order', recordId: orderId, count: 2 });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await eventually(() => {
      if (rule.struck < 2) throw new Error('not yet refused twice');
    });
    await world.signal(orderId, 'reprovision');
    return ended(world, orderId);
  },
  'called-while-salesforce-was-away': async (world) => {
    const orderId = await untold(world);
    link(world, orderId);
    await world.signal(orderId, 'reprovision');
    return ended(world, orderId);
  },
  abandoned: async (_, impatient) => {
    const orderId = impatient.order();
    impatient.whmcs.faults.add({ kind: 'businessError', message: 'Not today', action: 'AcceptOrder', count: 1 });
    await impatient.orders.request(orderId, { trigger: 'cdc' });
    return ended(impatient, orderId);
  },
  'continued-while-waiting': async (world) => {
    const orderId = await waiting(world);
    await flood(world, orderId, () => world.orders.tell(orderId, 'cancelled'));
    await world.in(orderId, 'AwaitingReprovision');
    await world.signal(orderId, 'cancel');
    return ended(world, orderId);
  },
  'continued-while-walking': async (world) => {
    const { orderId, mend } = await unaccepted(world);
    await flood(world, orderId, () => world.orders.request(orderId, { trigger: 'cdc' }));
    mend();
    return ended(world, orderId);
  },
  'cancelled-when-paid': async (world) => {
    const orderId = world.order();
    const reached = world.whmcs.faults.whenReached('AcceptOrder', 1, 'after-commit', { hold: true });
    await world.orders.request(orderId, { trigger: 'cdc' });
    const call = await reached;
    await world.signal(orderId, 'cancel');
    await until(world, orderId, (event) => event.activityTaskCancelRequestedEventAttributes);
    call.drop();
    return ended(world, orderId);
  },
  'cancel-refused-by-whmcs': async (world) => {
    const { orderId, mend } = await unaccepted(world);
    world.whmcs.faults.add({ kind: 'businessError', message: 'Not today', action: 'CancelOrder', count: 1 });
    await world.signal(orderId, 'cancel');
    await world.in(orderId, 'AwaitingReprovision');
    await world.signal(orderId, 'cancel');
    mend();
    return ended(world, orderId);
  },
  'withdrawn-while-waiting': async (world) => {
    const orderId = world.order();
    world.whmcs.faults.add({ kind: 'businessError', message: 'Not today', action: 'AcceptOrder', count: 1 });
    await world.orders.request(orderId, { trigger: 'cdc' });
    await world.in(orderId, 'AwaitingReprovision');
    world.edit('Order', orderId, { Status: 'Draft' });
    await world.signal(orderId, 'reprovision');
    return ended(world, orderId);
  },
  'reset-after-the-claim': async (world) => {
    const { orderId, mend } = await unaccepted(world);
    await reset(world, orderId, 'claimOrder');
    mend();
    return ended(world, orderId);
  },
  reconciled: async (world) => {
    const [missed, given] = [world.order(), world.order()];
    await world.shop.add((await world.vendor.read(given))!);
    world.edit('Order', given, { Status: 'Cancelled' });
    await world.orders.sweep('recorded', 'to be recorded');
    await world.client.workflow.getHandle(`${RECONCILE_ORDERS}-recorded`).result();
    await world.result(missed);
    return `${RECONCILE_ORDERS}-recorded`;
  },
  'reconciled-in-salesforce-alone': async (world) => {
    world.whmcs.faults.add({ kind: 'businessError', message: 'Not today', action: 'GetOrders', count: 1 });
    await world.orders.sweep('recorded-half', 'to be recorded');
    await world.client.workflow.getHandle(`${RECONCILE_ORDERS}-recorded-half`).result();
    return `${RECONCILE_ORDERS}-recorded-half`;
  },
  'cancelled-before-anything': async (world) => {
    const orderId = world.order();
    await world.client.workflow.signalWithStart(PROVISION_ORDER, {
      ...provisioningRun(orderId, 'cdc', world.taskQueue),
      signal: cancel,
      signalArgs: [{ reason: 'recorded' }],
    });
    return ended(world, orderId);
  },
  'cancelled-and-an-old-approval-again': async (world) => {
    const { orderId, mend } = await unaccepted(world);
    const away = world.whmcs.faults.add({ kind: '503', action: 'CancelOrder' });
    await world.signal(orderId, 'cancel');
    await eventually(() => {
      if (away.hits === 0) throw new Error('not yet refused');
    });
    await world.orders.request(orderId, { trigger: 'cdc', approvedAt: 1 });
    mend();
    away.remove();
    return ended(world, orderId);
  },
  'cancel-refused-by-salesforce': async (world) => {
    const { orderId } = await unaccepted(world);
    world.salesforce.rest.faults.add({ kind: 'validation', object: 'Order', recordId: orderId });
    await world.signal(orderId, 'cancel');
    await world.in(orderId, 'AwaitingReprovision');
    world.salesforce.rest.faults.clear();
    await world.signal(orderId, 'cancel');
    return ended(world, orderId);
  },
  'unreadable-when-told-of-a-cancellation': async (world) => {
    const { orderId } = await unaccepted(world);
    const message = "No such column 'Activation_Status__c' on entity 'Order'";
    const unreadable = { kind: 'error', path: 'query', status: 400, errorCode: 'INVALID_FIELD', message } as const;
    world.salesforce.rest.faults.add(unreadable);
    await world.orders.tell(orderId, 'cancelled');
    await world.in(orderId, 'AwaitingReprovision');
    world.salesforce.rest.faults.clear();
    await world.signal(orderId, 'cancel');
    return ended(world, orderId);
  },
};
