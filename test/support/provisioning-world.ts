import { Client, Connection } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection, type Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { startSalesforce, type SalesforceEmulator } from '../../sandbox/salesforce';
import { newOrg } from '../../sandbox/salesforce/new-org';
import { startWhmcs, type WhmcsEmulator } from '../../sandbox/whmcs';
import { MARKER_FIELD_NAME } from '../../sandbox/whmcs/seed';
import { createActivities, type Activities } from '../../src/activities';
import { CacheConnection, CacheInvalidator } from '../../src/cache';
import { parseOrderId, type OrderId } from '../../src/domain/order';
import { createSalesforce, type SalesforceOrders } from '../../src/salesforce';
import { createSearchAttributes } from '../../src/temporal/search-attributes';
import { createOrderWorkflows, type OrderWorkflows } from '../../src/temporal/orders';
import { createWorker, workflowBundle } from '../../src/temporal/worker';
import { createWhmcs, type WhmcsOrders } from '../../src/whmcs';
import { provisionWorkflowId, statusQuery, type Phase, type ProvisioningStatus } from '../../src/workflows/contract';
import { booksOf } from './books';
import { eventually } from './eventually';
import { quietRuntime } from './quiet-runtime';
import { redisUrl, temporalAddress, uniqueName } from './servers';

const DAY = 86_400_000;

export interface WorldOptions {
  /** A Temporal to run on: a time-skipping environment, or a client of a dev server with its address. */
  temporal: TestWorkflowEnvironment | { client: Client; address: string };
  quietPeriodMs?: number;
  whmcsTimeoutMs?: number;
  reprovisionWaitMs?: number;
  /** Instead of the run's shared Redis. */
  redisUrl?: string;
  /** The clock by which the session with Salesforce pauses after a refused login; epoch ms. */
  salesforceNow?: () => number;
}

/** An order to be made in Salesforce; what is left out is sound. */
export interface OrderSpec {
  status?: string;
  whmcsClientId?: string | null;
  /** `WHMCS_Product_ID__c` of each item. */
  products?: (string | null)[];
  quantity?: number;
  unitPrice?: number;
  billingCycle?: string | null;
  fields?: Record<string, unknown>;
}

/** Salesforce and WHMCS emulated, Redis and Temporal real, and one worker with the real activities between them. */
export class ProvisioningWorld {
  private readonly releases: (() => unknown)[] = [];

  private constructor(
    readonly salesforce: SalesforceEmulator,
    readonly whmcs: WhmcsEmulator,
    readonly client: Client,
    readonly orders: OrderWorkflows,
    readonly taskQueue: string,
    readonly activities: Activities,
    /** The product's own reads and writes of orders. */
    readonly vendor: SalesforceOrders,
    /** The product's own orders in WHMCS. */
    readonly shop: WhmcsOrders,
    private readonly skipsTime: boolean,
  ) {}

  private startWorker!: () => Promise<() => Promise<void>>;
  private stopWorker!: () => Promise<void>;

  static async start(options: WorldOptions): Promise<ProvisioningWorld> {
    quietRuntime();
    const { temporal, quietPeriodMs = 90_000, whmcsTimeoutMs = 2_000, reprovisionWaitMs = 30 * DAY } = options;
    const [salesforce, whmcs] = await Promise.all([
      // Worlds share a Temporal server, where an order's id is its run's.
      startSalesforce(newOrg()),
      startWhmcs(),
    ]);
    const client: Client = temporal.client;
    // The time-skipping server knows none at first, and cannot list them.
    if ('nativeConnection' in temporal) await createSearchAttributes(client);
    const taskQueue = uniqueName('orders');
    const orders = createOrderWorkflows(client, taskQueue);
    const cache = new CacheConnection({ url: options.redisUrl ?? (await redisUrl()), prefix: uniqueName('cache') });
    const { clientId, clientSecret } = salesforce.credentials;
    const vendor = createSalesforce({
      loginUrl: salesforce.loginUrl,
      clientId,
      credentials: { clientSecret },
      timeoutMs: 10_000,
      now: options.salesforceNow,
    });
    const shop = createWhmcs({
      apiUrl: whmcs.apiUrl,
      identifier: whmcs.credentials.identifier,
      secret: whmcs.credentials.secret,
      paymentMethod: 'mailin',
      markerField: MARKER_FIELD_NAME,
      timeoutMs: whmcsTimeoutMs,
      quietPeriodMs,
    }).orders;
    const activities = createActivities({
      salesforce: vendor.orders,
      whmcs: shop,
      caches: new CacheInvalidator(cache),
      workflows: orders,
      policy: {
        whmcsTimeoutMs,
        quietPeriodMs,
        reprovisionWaitMs,
        provisionStatuses: ['Approved', 'Reactivate'],
        stuckAfterMs: 30 * 60_000,
      },
    });
    const skipsTime = 'nativeConnection' in temporal;
    const world = new ProvisioningWorld(
      salesforce,
      whmcs,
      client,
      orders,
      taskQueue,
      activities,
      vendor.orders,
      shop,
      skipsTime,
    );
    world.releases.push(
      () => salesforce.close(),
      () => whmcs.close(),
      () => cache.close(),
    );
    const workflowBundle = await bundle();
    world.startWorker = () => world.work(temporal, workflowBundle);
    world.stopWorker = await world.startWorker();
    world.releases.push(() => world.stopWorker());
    return world;
  }

  /** On the run's real Temporal dev server, where waits are real: give short ones. */
  static async onDevServer(options: Omit<WorldOptions, 'temporal'> = {}): Promise<ProvisioningWorld> {
    const address = await temporalAddress();
    const connection = await Connection.connect({ address });
    const world = await ProvisioningWorld.start({
      temporal: { client: new Client({ connection }), address },
      quietPeriodMs: 500,
      ...options,
    });
    world.releases.unshift(() => connection.close());
    return world;
  }

  async close(): Promise<void> {
    for (let release = this.releases.pop(); release !== undefined; release = this.releases.pop()) await release();
  }

  /** Does `what` while no worker runs: what is sent meanwhile waits, and is handed to the next one together. */
  async whileWorkerIsAway(what: () => Promise<void>): Promise<void> {
    await this.stopWorker();
    try {
      await what();
    } finally {
      this.stopWorker = await this.startWorker();
    }
  }

  /** @returns what stops the worker */
  private async work(
    temporal: WorldOptions['temporal'],
    workflowBundle: WorkflowBundleOption,
  ): Promise<() => Promise<void>> {
    const connection =
      'nativeConnection' in temporal
        ? temporal.nativeConnection
        : await NativeConnection.connect({ address: temporal.address });
    const worker: Worker = await createWorker({
      connection,
      namespace: this.client.options.namespace,
      taskQueue: this.taskQueue,
      activities: this.activities,
      workflowBundle,
      identity: 'test-worker',
    });
    const running = worker.run();
    return async () => {
      worker.shutdown();
      await running;
      if (!('nativeConnection' in temporal)) await connection.close();
    };
  }

  /** An order in Salesforce, Approved unless told otherwise. Nobody is told of it: see {@link approve}. */
  order(spec: OrderSpec = {}): OrderId {
    const { store, salesUserId: userId } = this.salesforce;
    const {
      status = 'Approved',
      whmcsClientId = '1',
      products = ['1'],
      quantity = 1,
      unitPrice = 10,
      billingCycle = 'monthly',
    } = spec;
    return store.transaction({ userId }, (tx) => {
      const accountId = tx.create('Account', { Name: 'Test Customer', WHMCS_Client_ID__c: whmcsClientId });
      const pricebook = tx.create('Pricebook2', { Name: 'Test', IsActive: true });
      const id = tx.create('Order', {
        AccountId: accountId,
        Status: status,
        EffectiveDate: '2026-01-01',
        Pricebook2Id: pricebook,
        ...spec.fields,
      });
      for (const whmcsProductId of products) {
        const product = tx.create('Product2', {
          Name: 'Test Product',
          IsActive: true,
          WHMCS_Product_ID__c: whmcsProductId,
        });
        const entry = tx.create('PricebookEntry', {
          Pricebook2Id: pricebook,
          Product2Id: product,
          UnitPrice: unitPrice,
          IsActive: true,
        });
        tx.create('OrderItem', {
          OrderId: id,
          PricebookEntryId: entry,
          Quantity: quantity,
          UnitPrice: unitPrice,
          Billing_Cycle__c: billingCycle,
        });
      }
      return parseOrderId(id);
    });
  }

  /** Changes a record as a person in the org would. */
  edit(object: string, id: string, fields: Record<string, unknown>): void {
    const { store, salesUserId: userId } = this.salesforce;
    store.transaction({ userId }, (tx) => tx.update(object, id, fields));
  }

  handle(orderId: OrderId) {
    return this.client.workflow.getHandle(provisionWorkflowId(orderId));
  }

  /** Requests an order as the listener does, and gives the run's end. */
  async provision(orderId: OrderId): Promise<ProvisioningStatus> {
    await this.orders.request(orderId, { trigger: 'cdc' });
    return this.result(orderId);
  }

  async result(orderId: OrderId): Promise<ProvisioningStatus> {
    await this.heard(orderId);
    return (await this.handle(orderId).result()) as ProvisioningStatus;
  }

  /**
   * Waits until Salesforce has been told of a failure, which a signal makes the run give up. Where the activity ends under a workflow
   * task that is about to cancel it, the test server refuses the task and never gives it again (issue 3088, too). Signals at that very
   * moment are sent on a dev server.
   */
  private async untilTold(orderId: OrderId): Promise<void> {
    await eventually(async () => {
      const telling = new Set<string>();
      for (const event of (await this.handle(orderId).fetchHistory()).events ?? []) {
        const begun = event.activityTaskScheduledEventAttributes;
        if (begun?.activityType?.name === 'markFailed') telling.add(String(event.eventId));
        const ended =
          event.activityTaskCompletedEventAttributes ??
          event.activityTaskFailedEventAttributes ??
          event.activityTaskTimedOutEventAttributes ??
          event.activityTaskCanceledEventAttributes;
        if (ended) telling.delete(String(ended.scheduledEventId));
      }
      if (telling.size > 0) throw new Error(`Salesforce is still being told of the failure of order ${orderId}`);
    });
  }

  /**
   * Waits until the run has taken in what it was sent. Awaiting a result lets the test server skip time, and a timer that
   * fires while a workflow task is about to cancel it stops the run for good there (temporalio/sdk-java issue 3088).
   */
  async heard(orderId: OrderId): Promise<void> {
    await eventually(async () => {
      const events = (await this.handle(orderId).fetchHistory()).events ?? [];
      const done = events.findLastIndex(
        (event) =>
          event.workflowTaskCompletedEventAttributes != null ||
          event.workflowExecutionTerminatedEventAttributes != null,
      );
      const sent = events.findLastIndex(
        (event) =>
          event.workflowExecutionStartedEventAttributes != null ||
          event.workflowExecutionSignaledEventAttributes != null ||
          event.workflowTaskScheduledEventAttributes != null,
      );
      if (sent > done) throw new Error(`Order ${orderId} has not taken in event ${sent + 1} of its history`);
    });
  }

  status(orderId: OrderId): Promise<ProvisioningStatus> {
    return this.handle(orderId).query(statusQuery);
  }

  /** The run's status once it is in `phase`. */
  in(orderId: OrderId, phase: Phase): Promise<ProvisioningStatus> {
    return eventually(async () => {
      const status = await this.status(orderId);
      if (status.phase !== phase)
        throw new Error(`Order ${orderId} is ${status.phase}, not ${phase}: ${JSON.stringify(status.lastError)}`);
      return status;
    });
  }

  /** The order in Salesforce, as the integration left it. */
  record(orderId: OrderId) {
    const row = this.salesforce.store.get('Order', orderId);
    return {
      activation: row?.['Activation_Status__c'] ?? null,
      errorCode: row?.['Activation_Error_Code__c'] ?? null,
      errorMessage: row?.['Activation_Error_Message__c'] ?? null,
      whmcsOrderId: row?.['WHMCS_Order_ID__c'] ?? null,
    };
  }

  /** WHMCS's orders that bear the order's marker, by id and status. */
  books(orderId: OrderId): { id: number; status: string }[] {
    return booksOf(this.whmcs, orderId);
  }

  /** How those stand, the oldest first. */
  statuses(orderId: OrderId): string[] {
    return this.books(orderId).map(({ status }) => status);
  }

  /** Calls that WHMCS received, since the ledger was last cleared. */
  calls(action?: string): string[] {
    return this.whmcs.ledger.calls(action).map((call) => call.action);
  }

  /** Signals by name, as the Web UI does. */
  async signal(orderId: OrderId, name: string, body?: unknown): Promise<void> {
    if (this.skipsTime) await this.untilTold(orderId);
    await this.handle(orderId).signal(name, ...(body === undefined ? [] : [body]));
  }
}

let bundled: Promise<WorkflowBundleOption> | undefined;
function bundle(): Promise<WorkflowBundleOption> {
  bundled ??= workflowBundle();
  return bundled;
}
