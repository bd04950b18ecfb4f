import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OrderId } from '../../src/domain/order';
import { provisionWorkflowId } from '../../src/workflows/contract';
import { eventually } from '../support/eventually';
import type { ProvisioningWorld } from '../support/provisioning-world';
import { startWorldWithUi, type WorldWithUi } from '../support/world-with-ui';

/** The queries as docs/web-ui.md gives them, by their headings: what a person pastes is what is tested. */
function documentedQueries(): Map<string, string> {
  const page = readFileSync(join(__dirname, '..', '..', 'docs', 'web-ui.md'), 'utf8');
  const sections = page.matchAll(/^### (.+)\n\n```sql\n(.+)\n```$/gm);
  return new Map([...sections].map(([, heading, query]) => [heading!, query!]));
}

const INSTANT = /'\d{4}-\d\d-\d\dT[\d:]+Z'/;
const queries = documentedQueries();

describe('the saved views of docs/web-ui.md, on a real server', () => {
  let own: WorldWithUi;
  let world: ProvisioningWorld;
  let activated: OrderId;
  let waiting: OrderId;
  let underWay: OrderId;
  let swept: OrderId;
  let terminated: OrderId;
  /** Failed before `cutoff`, and once more after it. The others that failed did so before; `underWay` is under way since. */
  let failedAgain: OrderId;
  let cutoff: Date;
  const began = new Date(Date.now() - 60_000);

  beforeAll(async () => {
    own = await startWorldWithUi();
    ({ world } = own);
    activated = world.order();
    waiting = world.order({ products: [null] });
    swept = world.order();
    underWay = world.order();
    failedAgain = world.order({ products: [null] });
    await world.orders.request(activated, { trigger: 'cdc' });
    await world.orders.request(waiting, { trigger: 'platform-event' });
    await world.orders.request(swept, { trigger: 'reconcile' });
    await world.orders.request(failedAgain, { trigger: 'cdc' });
    await world.in(waiting, 'AwaitingReprovision');
    await world.in(failedAgain, 'AwaitingReprovision');
    await world.result(activated);
    await world.result(swept);
    world.whmcs.faults.add({ kind: 'businessError', action: 'AcceptOrder', message: 'No', count: 1 });
    await world.orders.request(underWay, { trigger: 'cdc' });
    await world.in(underWay, 'AwaitingReprovision');
    terminated = world.order();
    const reading = world.salesforce.rest.faults.holds.next({ method: 'GET', path: '/query' });
    await world.orders.request(terminated, { trigger: 'cdc' });
    const release = await reading;
    await world.handle(terminated).terminate('by a test');
    release();
    cutoff = new Date();
    world.whmcs.faults.add({ kind: '503', action: 'AcceptOrder' });
    for (const orderId of [failedAgain, underWay]) await world.signal(orderId, 'reprovision');
    await world.in(underWay, 'AcceptingOrder');
  });
  afterAll(() => (own as WorldWithUi | undefined)?.close(), 60_000);

  /** Asserts which orders a documented query gives, by the list and by the count. Visibility lags by a moment. */
  async function expectView(heading: string, orders: OrderId[], ...[placeholder, value]: [RegExp?, string?]) {
    const documented = queries.get(heading);
    if (documented === undefined) throw new Error(`docs/web-ui.md has no query under "${heading}"`);
    if (placeholder !== undefined) expect(documented).toMatch(placeholder);
    const query = placeholder === undefined ? documented : documented.replace(placeholder, `'${value ?? ''}'`);
    await eventually(async () => {
      const ids: string[] = [];
      for await (const run of world.client.workflow.list({ query })) ids.push(run.workflowId);
      expect(ids.sort()).toEqual(orders.map(provisionWorkflowId).sort());
      expect(await world.client.workflow.count(query)).toMatchObject({ count: orders.length });
    });
  }

  it('which failed today', async () => {
    await expectView('Which orders failed today', [waiting, failedAgain], INSTANT, began.toISOString());
    // Begun earlier and failed since: what a view by StartTime would miss.
    await expectView('Which orders failed today', [failedAgain], INSTANT, cutoff.toISOString());
    await expectView('Which orders failed today', [], INSTANT, new Date(Date.now() + 60_000).toISOString());
  });

  it('which wait for a person', () => expectView('Which wait for a person', [waiting, failedAgain]));

  it('which are under way for long', async () => {
    const heading = 'Which are under way for longer than an hour';
    await expectView(heading, [underWay], INSTANT, new Date(Date.now() + 60_000).toISOString());
    // It began before, but was at rest until then.
    await expectView(heading, [], INSTANT, cutoff.toISOString());
  });

  it('which broke off', async () => {
    const heading = 'Which runs broke off';
    await expectView(heading, [terminated], INSTANT, began.toISOString());
    await expectView(heading, [], INSTANT, new Date(Date.now() + 60_000).toISOString());
  });

  it('all runs of one account', async () => {
    const accountId = String(world.salesforce.store.get('Order', activated)?.['AccountId']);
    await expectView('All runs of one account', [activated], /'001\w{15}'/, accountId);
  });

  it('which were begun by the sweep', () =>
    expectView('Which were begun by the sweep, because no event told of them', [swept]));

  it('tests every query of the page', () => expect(queries.size).toBe(6));
});
