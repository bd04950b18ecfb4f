import type { Finding } from '../../src/cli/doctor/check';
import { changeCapture } from '../../src/cli/doctor/change-capture';
import { orderStatuses } from '../../src/cli/doctor/order-statuses';
import { left } from '../../src/cli/doctor/salesforce';
import { unlessRefused, untold } from '../../src/cli/doctor/setup-rights';
import { ProvisioningFailure } from '../../src/domain/failure';

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

describe('limits left', () => {
  const of = (remaining: number) => left({ remaining, max: 1000 }, 'API requests', 'See Setup.');
  test.each<Verdict>([
    ['plenty', of(1000), 'ok', /^1000 of 1000 API requests/],
    ['a fifth', of(200), 'ok', /^200 of/],
    ['less than a fifth', of(199), 'warn', /^199 of/, /See Setup/],
    ['a fiftieth', of(20), 'warn', /^20 of/],
    ['less than a fiftieth', of(19), 'fail', /^19 of/, /See Setup/],
    ['nothing', of(0), 'fail', /^0 of/],
  ])('%s', (...verdict) => judged(...verdict));
});

describe('what takes View Setup', () => {
  const refusal = (code: 'SF_NO_PERMISSION' | 'SF_UNREACHABLE', vendorCode?: string) =>
    new ProvisioningFailure({ code, message: 'refused', ...(vendorCode === undefined ? {} : { vendorCode }) });
  const ask = (error: Error) => unlessRefused(() => Promise.reject(error), 'its limits', 'Company Information');

  test('that is refused is a warning, which names the package', async () => {
    const found = await ask(refusal('SF_NO_PERMISSION', 'INSUFFICIENT_ACCESS'));
    judged(
      '',
      found,
      'warn',
      /may not see its limits: INSUFFICIENT_ACCESS$/,
      /package-doctor\.xml.*Company Information/,
    );
  });

  test('that is left out is one too, and does not contradict the guide', () => {
    judged('', untold('its limits', 'Company Information'), 'warn', /does not tell its limits$/, /package-doctor\.xml/);
  });

  test('a system that is away stays a failure', async () => {
    await expect(ask(refusal('SF_UNREACHABLE'))).rejects.toThrow('refused');
    await expect(ask(new TypeError('a defect'))).rejects.toThrow('a defect');
  });
});

describe('change data capture', () => {
  const channels = {
    order: '/data/OrderChangeEvent',
    orderItem: '/data/OrderItemChangeEvent',
    product: '/data/Product2ChangeEvent',
    pricebookEntry: '/data/PricebookEntryChangeEvent',
  };
  const member = (entity: string, channel = 'ChangeEvents') => ({ channel, entity: `${entity}ChangeEvent` });
  const all = ['Order', 'OrderItem', 'Product2', 'PricebookEntry'].map((entity) => member(entity));
  const own = { ...channels, order: '/data/Own__chn' };
  const orders = { ...channels, product: undefined, pricebookEntry: undefined };
  test.each<Verdict>([
    ['all', changeCapture(channels, all), 'ok', /Order, OrderItem, Product2, PricebookEntry$/],
    ['none', changeCapture(channels, []), 'fail', /Order on ChangeEvents, OrderItem on/, /Setup, Change Data Capture/],
    ['one is not', changeCapture(channels, all.slice(1)), 'fail', /^not captured: Order on ChangeEvents$/],
    ['on the standard channel alone', changeCapture(own, all), 'fail', /^not captured: Order on Own__chn$/],
    ['on its own channel', changeCapture(own, [...all, member('Order', 'Own__chn')]), 'ok', /captured: Order/],
    ['of what nobody listens to', changeCapture(orders, all.slice(0, 2)), 'ok', /^captured: Order, OrderItem$/],
  ])('%s', (...verdict) => judged(...verdict));
});
