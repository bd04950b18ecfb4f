import { Client, Connection } from '@temporalio/client';
import { seedAccounts, seedCatalog, seedDraftOrder, type SeededCatalog } from '../../sandbox/salesforce/seed';
import { startProcess, type RunningProcess } from '../../sandbox/processes';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox';
import { parseOrderId, type OrderId } from '../../src/domain/order';
import { provisionWorkflowId } from '../../src/workflows/contract';
import { booksOf } from './books';
import { eventually } from './eventually';
import { builtProduct } from './servers';

/** The product as an operator runs it, its processes and all servers of its own: what only separate processes can show. */
export class RunningProduct {
  readonly processes = new Map<RunningProcess['name'], RunningProcess>();
  /** Everything the processes wrote. */
  readonly log: string[] = [];
  private catalog: SeededCatalog | undefined;
  private accounts: string[] = [];

  private constructor(
    readonly sandbox: Sandbox,
    readonly client: Client,
    private readonly connection: Connection,
    readonly env: Record<string, string>,
    private readonly build: string | undefined,
  ) {}

  /** @param build folder of the build to run; in jest, that which the suites share, unless given */
  static async start(
    env: Record<string, string> = {},
    options: SandboxOptions = {},
    build?: string,
  ): Promise<RunningProduct> {
    const sandbox = await startSandbox(options);
    const connection = await Connection.connect({ address: sandbox.temporal.address });
    const client = new Client({ connection, namespace: sandbox.temporal.namespace });
    const environment = {
      ...sandbox.env,
      WHMCS_QUIET_PERIOD: '2 seconds',
      WHMCS_TIMEOUT: '5 seconds',
      LOG_LEVEL: 'debug',
      ...env,
    };
    const product = new RunningProduct(sandbox, client, connection, environment, build);
    const { salesforce } = sandbox;
    const by = { userId: salesforce.salesUserId };
    product.catalog = seedCatalog(salesforce.store, by);
    product.accounts = seedAccounts(salesforce.store, by, 3);
    return product;
  }

  /** @param env more variables, for this process alone */
  async run(name: RunningProcess['name'], env: Record<string, string> = {}): Promise<RunningProcess> {
    const build = this.build ?? (await builtProduct());
    const onLine = (line: string): unknown => this.log.push(line);
    const started = await startProcess(name, { ...this.env, ...env }, { onLine, build });
    this.processes.set(name, started);
    return started;
  }

  async stop(): Promise<void> {
    for (const running of this.processes.values()) await running.stop();
    await this.connection.close();
    await this.sandbox.stop();
  }

  /** A draft order of a seeded customer. */
  draft(fields: Record<string, unknown> = {}, code = 'HOST-START'): OrderId {
    const { salesforce } = this.sandbox;
    const by = { userId: salesforce.salesUserId };
    const accountId = this.accounts[0]!;
    return parseOrderId(
      seedDraftOrder(salesforce.store, by, this.catalog!, { accountId, items: [{ code }], fields }).orderId,
    );
  }

  set(orderId: OrderId, fields: Record<string, unknown>): void {
    const { store, salesUserId: userId } = this.sandbox.salesforce;
    store.transaction({ userId }, (tx) => tx.update('Order', orderId, fields));
  }

  approve(orderId: OrderId): void {
    this.set(orderId, { Status: 'Approved' });
  }

  field(orderId: OrderId, name: string): unknown {
    return this.sandbox.salesforce.store.get('Order', orderId)?.[name];
  }

  books(orderId: OrderId): { id: number; status: string }[] {
    return booksOf(this.sandbox.whmcs, orderId);
  }

  handle(orderId: OrderId) {
    return this.client.workflow.getHandle(provisionWorkflowId(orderId));
  }

  /** Waits until Salesforce says Activated, and checks that WHMCS has exactly that one order. */
  async activated(orderId: OrderId, timeoutMs = 45_000): Promise<void> {
    await eventually(() => expect(this.field(orderId, 'Activation_Status__c')).toBe('Activated'), { timeoutMs });
    const living = this.books(orderId).filter(({ status }) => status !== 'Cancelled');
    expect(living).toEqual([{ id: Number(this.field(orderId, 'WHMCS_Order_ID__c')), status: 'Active' }]);
  }

  /** Waits until all events up to now have had their effects: a marker order, approved after them, is provisioned. */
  async caughtUp(): Promise<void> {
    const marker = this.draft();
    this.approve(marker);
    await this.activated(marker);
  }
}
