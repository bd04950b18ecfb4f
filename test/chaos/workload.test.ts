import { plan } from '../../chaos/mutant';
import { Progress } from '../../chaos/progress';
import { THAT_FAILS, Workload } from '../../chaos/workload';
import { startSalesforce, type SalesforceEmulator } from '../../sandbox/salesforce';

let salesforce: SalesforceEmulator;
let progress: Progress;
let workload: Workload;
beforeEach(async () => {
  salesforce = await startSalesforce();
  progress = new Progress();
  const orders = plan([], 2).orders.map((order) => ({ ...order, role: 'created-approved' as const }));
  workload = new Workload({ salesforce }, { ...plan([]), orders }, progress);
});
afterEach(() => salesforce.close());

const run = () => workload.run(new AbortController().signal);
const roles = () => workload.orders.map(({ role }) => role);

it('approves what its plan says, and an order that a fault has need of at once', async () => {
  workload.sell(THAT_FAILS);
  expect([roles(), progress.counts.approved]).toEqual([['unlinked'], 1]);
  await run();
  expect([roles(), progress.counts.approved]).toEqual([['unlinked', 'created-approved', 'created-approved'], 3]);
  const statuses = workload.approved.map((id) => salesforce.store.get('Order', id)?.['Status']);
  expect(statuses).toEqual(['Approved', 'Approved', 'Approved']);
});

it('approves one more where none could be approved in the disguise that was asked for', async () => {
  const struck = workload.disguise('gap', 3);
  await run();
  expect(roles()).toEqual(['created-approved', 'created-approved', 'approved']);
  expect(struck.evidence()).toBe('1 approvals');
});
