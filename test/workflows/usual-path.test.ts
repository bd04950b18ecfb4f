import { Client, WorkflowExecutionAlreadyStartedError, type WorkflowClientInterceptor } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createOrderWorkflows } from '../../src/temporal/orders';
import { billableActions } from '../support/billable-actions';
import { rawHistory } from '../support/history-bytes';
import { ProvisioningWorld } from '../support/provisioning-world';
import { createTimeSkippingEnvironment } from '../support/servers';

describe('the path of an order, when nothing fails', () => {
  let temporal: TestWorkflowEnvironment;
  let world: ProvisioningWorld;
  beforeAll(async () => {
    temporal = await createTimeSkippingEnvironment();
    world = await ProvisioningWorld.start({ temporal });
  });
  afterAll(async () => {
    await world.close();
    await temporal.teardown();
  });

  const byHand = (workflowId: string, input: unknown) =>
    world.client.workflow.start('provisionOrder', {
      workflowId,
      taskQueue: world.taskQueue,
      args: input === null ? [] : [input],
    });

  it('provisions an approved order once, and Salesforce holds its WHMCS id', async () => {
    const orderId = world.order({ products: ['1', '2'], quantity: 2 });
    const status = await world.provision(orderId);
    expect(status).toMatchObject({ phase: 'Activated', attempt: 1, trigger: 'cdc', lastError: null });
    const books = world.books(orderId);
    expect(books).toEqual([{ id: expect.any(Number) as number, status: 'Active' }]);
    expect(world.record(orderId)).toEqual({
      activation: 'Activated',
      errorCode: null,
      errorMessage: null,
      whmcsOrderId: String(books[0]!.id),
    });
    const items = world.salesforce.store.rows('OrderItem').filter((item) => item['OrderId'] === orderId);
    expect(items).toHaveLength(2);
    for (const item of items) expect(item['WHMCS_Service_ID__c']).toMatch(/^\d+(,\d+)?$/);
  });

  it('does nothing for an order that is already provisioned', async () => {
    const orderId = world.order({ fields: { WHMCS_Order_ID__c: '4711', Activation_Status__c: 'Activated' } });
    const status = await world.provision(orderId);
    expect(status).toMatchObject({
      phase: 'Skipped',
      skipped: 'The order is already provisioned as WHMCS order 4711.',
    });
    expect(world.books(orderId)).toEqual([]);
  });

  it('does nothing for a cancelled order', async () => {
    const orderId = world.order({ status: 'Cancelled' });
    expect(await world.provision(orderId)).toMatchObject({ phase: 'Skipped' });
    expect(world.books(orderId)).toEqual([]);
    expect(world.record(orderId).activation).toBeNull();
  });

  it('is harmless to repeat, during the run and after it', async () => {
    const orderId = world.order();
    await Promise.all(Array.from({ length: 5 }, () => world.orders.request(orderId, { trigger: 'cdc' })));
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
    expect(await world.provision(orderId)).toMatchObject({ phase: 'Skipped' });
    expect(world.books(orderId)).toHaveLength(1);
    expect(
      world.whmcs.ledger.calls('AddOrder').filter(({ customFields }) => JSON.stringify(customFields).includes(orderId)),
    ).toHaveLength(1);
  });

  it('asks again where somebody else begins the run between the look for one and the start', async () => {
    const orderId = world.order();
    const { connection, options } = world.client;
    let isBetween = true;
    const overtaken: WorkflowClientInterceptor = {
      async signalWithStart(input, next) {
        if (!isBetween) return next(input);
        isBetween = false;
        const { workflowId } = input.options;
        await byHand(workflowId, { orderId });
        throw new WorkflowExecutionAlreadyStartedError('already started', workflowId, input.workflowType);
      },
    };
    const { namespace } = options;
    const client = new Client({ connection, namespace, interceptors: { workflow: [overtaken] } });
    const request = { trigger: 'cdc', correlationId: 'asked-again' } as const;
    await createOrderWorkflows(client, world.taskQueue).request(orderId, request);
    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated' });
    const signals = (await rawHistory(world.client, `provision-order-${orderId}`)).filter(({ text }) =>
      text.includes('asked-again'),
    );
    expect(signals).not.toEqual([]);
    expect(world.books(orderId)).toHaveLength(1);
  });

  it.each([
    ['a 15-character id', (orderId: string) => ({ orderId: orderId.slice(0, 15) })],
    ['the id alone', (orderId: string) => orderId],
    ['no input', () => null],
  ])('accepts a run that a person starts from the Web UI with %s, and no signal', async (_what, input) => {
    const orderId = world.order();
    const handle = await byHand(`provision-order-${orderId}`, input(orderId));
    expect(await handle.result()).toMatchObject({ orderId, phase: 'Activated', trigger: 'manual' });
  });

  it.each([
    ['another workflow id, beside the run that the order has', 'provision-it', 'WRONG_WORKFLOW_ID', undefined],
    ['an id that is none', 'provision-order-801', 'INVALID_ID', { orderId: '801' }],
    ['no input, and an id that names no order', 'provision-nothing', 'INVALID_ID', null],
  ])('refuses a run that a person starts with %s', async (_name, workflowId, type, input) => {
    const orderId = world.order();
    const handle = await byHand(workflowId, input === undefined ? { orderId } : input);
    const failure: unknown = await handle.result().catch((error: unknown) => error);
    expect(failure).toMatchObject({ cause: { type, nonRetryable: true } });
    expect(world.books(orderId)).toEqual([]);
    expect(world.record(orderId).activation).toBeNull();
  });

  it('keeps to its budget: 3 Salesforce calls, 3 WHMCS calls, 5 activities, 8 billable actions', async () => {
    await world.provision(world.order());
    world.salesforce.rest.ledger.clear();
    world.whmcs.ledger.clear();
    const orderId = world.order();
    await world.provision(orderId);
    expect(world.salesforce.rest.ledger.entries.map(({ method }) => method)).toEqual(['GET', 'PATCH', 'PATCH']);
    expect(world.calls()).toEqual(['AddOrder', 'AcceptOrder', 'GetClientsProducts']);
    const { events } = await world.handle(orderId).fetchHistory();
    expect(billableActions(events ?? [])).toEqual({ activities: 5, actions: 8 });
  });
});
