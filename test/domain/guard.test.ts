import { guard, type GuardContext } from '../../src/domain/guard';
import { parseOrderId, TRIGGERS, type SalesforceOrder } from '../../src/domain/order';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const MINUTE = 60_000;

const order = (changes: Partial<SalesforceOrder> = {}): SalesforceOrder => ({
  id: parseOrderId('801000000000001'),
  accountId: null,
  status: 'Approved',
  activationStatus: null,
  whmcsOrderId: null,
  whmcsClientId: '1',
  currency: null,
  systemModstamp: NOW - 5 * MINUTE,
  items: [],
  ...changes,
});

const context = (changes: Partial<GuardContext> = {}): GuardContext => ({
  provisionStatuses: ['Approved', 'Reactivate'],
  trigger: 'cdc',
  claimedByThisRun: false,
  stuckAfterMs: 30 * MINUTE,
  now: NOW,
  ...changes,
});

const untouched = { go: true, untouched: true };
const unmarked = 'WHMCS_ORDER_UNMARKED';
const failed = { activationStatus: 'Failed' };
const cancelledOrder = order({ ...failed, failedWith: 'CANCELLED', cancelledAt: NOW });
const lookFirst = { go: true, untouched: false };
const no = (code: string) => expect.objectContaining({ go: false, code }) as unknown;

describe('guard: whether an order, as read from Salesforce, may be provisioned now', () => {
  it.each<[string, SalesforceOrder | undefined, Partial<GuardContext>, unknown]>([
    ['an approved order that nobody has touched', order(), {}, untouched],
    ['a reactivated one', order({ status: 'Reactivate' }), {}, untouched],
    ['one that does not exist', undefined, {}, no('NOT_FOUND')],
    ['a draft', order({ status: 'Draft' }), {}, no('STATUS')],
    ['a cancelled one', order({ status: 'Cancelled' }), {}, no('STATUS')],
    ['a cancelled one, even by hand', order({ status: 'Cancelled' }), { trigger: 'manual' }, no('STATUS')],
    ['one with a WHMCS order id', order({ whmcsOrderId: '7' }), {}, no('ALREADY_PROVISIONED')],
    [
      'one with a WHMCS order id, even by hand',
      order({ whmcsOrderId: '7' }),
      { trigger: 'manual' },
      no('ALREADY_PROVISIONED'),
    ],
    ['one marked Activated without an id', order({ activationStatus: 'Activated' }), {}, no('ALREADY_ACTIVATED')],
    ['a failed one: somebody may have added it', order({ activationStatus: 'Failed' }), {}, lookFirst],
    ['one that was cancelled: a gap event, or an event without a time', cancelledOrder, {}, no('CANCELLED')],
    ['the same: reconcile', cancelledOrder, { trigger: 'reconcile' }, no('CANCELLED')],
    ['the same: this run’s own cancel', cancelledOrder, { claimedByThisRun: true }, no('CANCELLED')],
    ['the same: an approval from before, again', cancelledOrder, { approvedAt: NOW - MINUTE }, no('CANCELLED')],
    ['the same: approved since', cancelledOrder, { approvedAt: NOW + MINUTE }, lookFirst],
    [
      'the same: asked for since by a platform event',
      cancelledOrder,
      { trigger: 'platform-event', approvedAt: NOW + MINUTE },
      lookFirst,
    ],
    ['the same: manual', cancelledOrder, { trigger: 'manual' }, lookFirst],
    ['one whose status was emptied by hand since', { ...cancelledOrder, activationStatus: null }, {}, untouched],
    ['one that WHMCS bills unmarked', order({ ...failed, failedWith: unmarked }), {}, no('BILLED_UNMARKED')],
    [
      'the same: reconcile',
      order({ ...failed, failedWith: unmarked }),
      { trigger: 'reconcile' },
      no('BILLED_UNMARKED'),
    ],
    ['the same: manual', order({ ...failed, failedWith: unmarked }), { trigger: 'manual' }, lookFirst],
    [
      'the same, by the run that knows it',
      order({ ...failed, failedWith: unmarked }),
      { claimedByThisRun: true },
      lookFirst,
    ],
    ['one that failed otherwise', order({ ...failed, failedWith: 'WHMCS_REFUSED' }), {}, lookFirst],
    ['Activating, set by this run', order({ activationStatus: 'Activating' }), { claimedByThisRun: true }, lookFirst],
    ['empty, though this run may have claimed it', order(), { claimedByThisRun: true }, lookFirst],
    [
      'Activating, set by no living run: cdc',
      order({ activationStatus: 'Activating' }),
      {},
      no('ACTIVATING_ELSEWHERE'),
    ],
    [
      'the same: platform event',
      order({ activationStatus: 'Activating' }),
      { trigger: 'platform-event' },
      no('ACTIVATING_ELSEWHERE'),
    ],
    ['the same: manual', order({ activationStatus: 'Activating' }), { trigger: 'manual' }, lookFirst],
    [
      'the same: reconcile, too young',
      order({ activationStatus: 'Activating' }),
      { trigger: 'reconcile' },
      no('ACTIVATING_RECENTLY'),
    ],
    [
      'the same: reconcile, old enough',
      order({ activationStatus: 'Activating', systemModstamp: NOW - 30 * MINUTE }),
      { trigger: 'reconcile' },
      lookFirst,
    ],
    // Order of the rules: the first that applies gives the reason.
    ['not approved and provisioned', order({ status: 'Draft', whmcsOrderId: '7' }), {}, no('STATUS')],
    [
      'provisioned and Activated',
      order({ whmcsOrderId: '7', activationStatus: 'Activated' }),
      {},
      no('ALREADY_PROVISIONED'),
    ],
  ])('%s', (_name, read, changes, verdict) => {
    expect(guard(read, context(changes))).toEqual(verdict);
  });

  it('lets nothing go without a look-up but an order that nobody has touched', () => {
    for (const trigger of TRIGGERS) {
      for (const activationStatus of ['Activating', 'Failed', 'SomethingElse']) {
        for (const claimedByThisRun of [true, false]) {
          const verdict = guard(order({ activationStatus, systemModstamp: 0 }), context({ trigger, claimedByThisRun }));
          expect(verdict).not.toEqual(untouched);
        }
      }
    }
  });

  it('gives every skip a reason that a person can read', () => {
    const skipped = guard(order({ whmcsOrderId: '4711' }), context());
    expect(skipped).toEqual(
      expect.objectContaining({ reason: 'The order is already provisioned as WHMCS order 4711.' }),
    );
  });
});
