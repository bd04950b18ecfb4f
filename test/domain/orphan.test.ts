import { parseOrderId, type SalesforceOrder } from '../../src/domain/order';
import { isOrphan } from '../../src/domain/orphan';

const order = (changes: Partial<SalesforceOrder> = {}): SalesforceOrder => ({
  id: parseOrderId('801000000000001'),
  accountId: null,
  status: 'Approved',
  activationStatus: null,
  whmcsOrderId: null,
  whmcsClientId: '1',
  currency: null,
  systemModstamp: 0,
  items: [],
  ...changes,
});

describe('isOrphan: whether nobody will accept Pending WHMCS order 7 any more', () => {
  it.each<[string, SalesforceOrder | undefined, boolean]>([
    ['the order is Activated with another', order({ activationStatus: 'Activated', whmcsOrderId: '6' }), true],
    ['the order is Activated with this very one', order({ activationStatus: 'Activated', whmcsOrderId: '7' }), false],
    ['Activated, but with none: somebody edited it', order({ activationStatus: 'Activated' }), false],
    ['it was given the id of another by hand', order({ activationStatus: 'Activating', whmcsOrderId: '6' }), true],
    ['it was given this very id by hand', order({ activationStatus: 'Activating', whmcsOrderId: '7' }), false],
    ['the order is gone', undefined, true],
    ['the order was cancelled', order({ status: 'Cancelled' }), true],
    ['the order is on its way', order({ activationStatus: 'Activating' }), false],
    ['the order failed, and no run of it waits', order({ activationStatus: 'Failed' }), true],
    ['nobody has touched it', order(), false],
  ])('%s', (_name, read, expected) => {
    expect(isOrphan(read, '7', { provisionStatuses: ['Approved', 'Reactivate'] })).toBe(expected);
  });
});
