import type { Finding } from '../../src/cli/doctor/check';
import { orderStatuses } from '../../src/cli/doctor/order-statuses';

/** What the doctor makes of what it was told: each judge, without the systems. */

type Verdict = [what: string, found: Finding, status: Finding['status'], finding: RegExp, repair?: RegExp];

const judged = (...[, found, status, finding, repair]: Verdict): void => {
  expect(found).toMatchObject({ status, finding: expect.stringMatching(finding) as string });
  if (status === 'ok') expect(found.repair).toBeUndefined();
  else expect(found.repair).toMatch(repair ?? /./);
};

describe('order statuses', () => {
  const offered = ['Draft', 'Approved', 'Reactivate', 'Cancelled'];
  test.each<Verdict>([
    ['all there', orderStatuses(['Approved', 'Reactivate'], offered), 'ok', /^Approved, Reactivate are values/],
    ['one is not', orderStatuses(['Approved', 'Go'], offered), 'fail', /has not: Go$/, /Setup, Object Manager, Order/],
    ['another case', orderStatuses(['approved'], offered), 'fail', /approved \(the org writes it Approved\)/],
    ['nothing is told', orderStatuses(['Approved'], []), 'fail', /has not: Approved/],
  ])('%s', (...verdict) => judged(...verdict));
});
