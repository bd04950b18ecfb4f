import { MockActivityEnvironment } from '@temporalio/testing';
import { sweepActivities } from '../../src/activities/sweep';
import type { ReconcileActivities } from '../../src/activities/contract';
import type { OrderId } from '../../src/domain/order';
import type { OrderWorkflows } from '../../src/temporal/orders';
import type { WhmcsOrders } from '../../src/whmcs/contract';
import { Org } from '../salesforce/support/org';

/** A Temporal that takes requests until it is told to refuse some, and keeps books of what it took. */
class Requests implements Pick<OrderWorkflows, 'request'> {
  readonly taken: OrderId[] = [];
  refuses: (orderId: OrderId) => boolean = () => false;

  request(orderId: OrderId): Promise<void> {
    if (this.refuses(orderId)) return Promise.reject(new Error('14 UNAVAILABLE'));
    this.taken.push(orderId);
    return Promise.resolve();
  }
}

describe('a sweep of the orders that nobody was told of', () => {
  let org: Org;
  let requests: Requests;
  beforeAll(async () => {
    org = await Org.start();
  });
  afterAll(() => org.emulator.close());
  beforeEach(() => {
    org.emulator.store.transaction(org.sales, (tx) => {
      for (const { Id } of org.emulator.store.rows('Order')) tx.delete('Order', Id);
    });
    org.forget();
    requests = new Requests();
  });

  /** One attempt. @returns how it ended, how far it said it had come, and what it logged */
  async function attempt(info: { attempt?: number; heartbeatDetails?: unknown } = {}) {
    const logged: string[] = [];
    const write = (_level: unknown, message: string) => logged.push(message);
    const logger = {
      log: write,
      ...Object.fromEntries(
        ['trace', 'debug', 'info', 'warn', 'error'].map((level) => [level, (message: string) => logged.push(message)]),
      ),
    };
    const environment = new MockActivityEnvironment(info, { logger: logger as never });
    let cameTo: unknown;
    environment.on('heartbeat', (details: unknown) => {
      cameTo = structuredClone(details);
    });
    const activities: ReconcileActivities = sweepActivities({
      salesforce: org.salesforce.orders,
      whmcs: {} as WhmcsOrders,
      workflows: requests as unknown as OrderWorkflows,
      policy: { provisionStatuses: ['Approved'], stuckAfterMs: 60_000 },
    });
    const end = await environment.run(() => activities.sweepOrders({})).catch((error: unknown) => error as Error);
    return { end, cameTo, logged };
  }

  it('goes on where the attempt before it had come to', async () => {
    const all = org.orders(2_100);
    requests.refuses = () => requests.taken.length >= 2_040;
    const first = await attempt();
    expect(first.end).toBeInstanceOf(Error);
    requests.refuses = () => false;
    org.forget();
    const second = await attempt({ attempt: 2, heartbeatDetails: first.cameTo });
    expect(second.end).toEqual({ requested: all.length });
    expect(requests.taken).toEqual([...all].sort());
    expect(org.requests()).toHaveLength(1);
  });

  it('leaves out one that cannot be requested, and names it, in its answer and in the log', async () => {
    const [first, refused, last] = org.orders(3) as [OrderId, OrderId, OrderId];
    requests.refuses = (orderId) => orderId === refused;
    const { end, logged } = await attempt();
    expect(end).toEqual({ requested: 2, notRequested: [refused] });
    expect(requests.taken).toEqual([first, last]);
    expect(logged.filter((line) => line.includes(refused))).toHaveLength(1);
  });

  it('fails where Temporal refuses all, until it is plain that it is about them', async () => {
    const [only] = org.orders(1);
    requests.refuses = () => true;
    expect((await attempt({ attempt: 4 })).end).toBeInstanceOf(Error);
    expect((await attempt({ attempt: 5 })).end).toEqual({ requested: 0, notRequested: [only] });
  });
});
