import {
  decide,
  DEFAULT_CUSTOMER_FACING_ORDER_FIELDS,
  DEFAULT_PROVISION_STATUSES,
  type DecisionConfig,
} from '../../src/domain/decision';
import type { ChangeType, DomainEvent, OrderChangeEvent } from '../../src/domain/event';

const CDC: DecisionConfig = {
  provisionStatuses: DEFAULT_PROVISION_STATUSES,
  customerFacingFields: DEFAULT_CUSTOMER_FACING_ORDER_FIELDS,
  dualMode: false,
};
const DUAL: DecisionConfig = { ...CDC, dualMode: true };
const [O1, O2] = ['801Ws000001AbCdIAK', '801Ws000001AbCeIAK'];
const ITEM = '802Ws000001AbCdIAK';
const ACCOUNT = '001Ws000001AbCdIAK';
const OVERFLOW_ID = '000000000000000AAA';
const OTHER_APP = 'com/salesforce/api/rest/62.0;client=DataLoader';
const OURS = 'com/salesforce/api/rest/62.0;client=order-provisioning';

function order(change: ChangeType, over: Partial<OrderChangeEvent> = {}): OrderChangeEvent {
  return { kind: 'order', change, recordIds: [O1], changedFields: [], fields: {}, changeOrigin: OTHER_APP, ...over };
}
const update = (fields: Record<string, unknown>, over: Partial<OrderChangeEvent> = {}) =>
  order('UPDATE', { fields, changedFields: Object.keys(fields), ...over });

/** A decision in one line: what is provisioned, which caches, and whether it is kept. */
function brief(event: DomainEvent, config: DecisionConfig = CDC): string {
  const { provisioning: p, caches: c, deadLetter } = decide(event, config);
  const what =
    p.kind === 'request'
      ? `request ${p.orderIds.join('+')} by ${p.trigger}`
      : p.kind === 'tell'
        ? `tell ${p.orderIds.join('+')} ${p.change}`
        : p.kind === 'sweep' && p.tell !== undefined
          ? `sweep, tell ${p.tell.orderIds.join('+')} ${p.tell.change}`
          : p.kind;
  const caches =
    c.kind === 'orders'
      ? `orders ${c.orders.map((o) => o.orderId + (o.accountId ? `/${o.accountId}` : '')).join('+')}${c.gap ? ' gap' : ''}`
      : c.kind === 'orders-of-items'
        ? `items ${c.itemIds.join('+')}${c.orderId ? ` of ${c.orderId}` : ''}${c.gap ? ' gap' : ''}`
        : c.kind;
  return `${what} | ${caches}${deadLetter === undefined ? '' : ' | kept'}`;
}

const orderCases: [string, DomainEvent, string, string?][] = [
  ['UPDATE to Approved', update({ Status: 'Approved' }), `request ${O1} by cdc | orders ${O1}`, `none | orders ${O1}`],
  ['UPDATE to Reactivate', update({ Status: 'Reactivate' }), `request ${O1} by cdc | orders ${O1}`],
  [
    'CREATE as Approved',
    order('CREATE', { fields: { Status: 'Approved', AccountId: ACCOUNT } }),
    `request ${O1} by cdc | orders ${O1}/${ACCOUNT}`,
    `none | orders ${O1}/${ACCOUNT}`,
  ],
  ['CREATE as Draft', order('CREATE', { fields: { Status: 'Draft' } }), `none | orders ${O1}`],
  ['CREATE without a status', order('CREATE', { fields: { Status: null } }), `none | orders ${O1}`],
  [
    'UPDATE on an enriched channel: Status is there, unchanged',
    order('UPDATE', { fields: { Status: 'Approved', Description: 'x' }, changedFields: ['Description'] }),
    'none | none',
  ],
  ['UPDATE of another status', update({ Status: 'Draft' }), `none | orders ${O1}`],
  ['UPDATE to Cancelled', update({ Status: 'Cancelled' }), `tell ${O1} cancelled | orders ${O1}`],
  ['UPDATE that nulls the status', update({ Status: null }), `none | orders ${O1}`],
  ['UPDATE of internal fields', update({ OwnerId: '005000000000000AAA', LastModifiedDate: 1 }), 'none | none'],
  ['UPDATE that lists nothing', order('UPDATE'), `none | orders ${O1}`],
  ['UPDATE of a part of a compound field', update({ 'BillingAddress.City': null }), 'none | none'],
  ['UPDATE that moves the order', update({ AccountId: ACCOUNT }), `none | orders ${O1}/${ACCOUNT}`],
  [
    'merged UPDATE',
    update({ Status: 'Approved' }, { recordIds: [O1, O2, O1] }),
    `request ${O1}+${O2} by cdc | orders ${O1}+${O2}`,
  ],
  [
    '15-character id',
    update({ Status: 'Approved' }, { recordIds: [O1.slice(0, 15)] }),
    `request ${O1} by cdc | orders ${O1}`,
  ],
  ['wildcard id', update({ Status: 'Approved' }, { recordIds: [O1, '801*'] }), 'sweep | all', 'sweep | all'],
  [
    'wildcard id among named ones that are cancelled',
    update({ Status: 'Cancelled' }, { recordIds: [O1, '801*', O2] }),
    `sweep, tell ${O1}+${O2} cancelled | all`,
    `sweep, tell ${O1}+${O2} cancelled | all`,
  ],
  ['wildcard id of deleted orders', order('DELETE', { recordIds: ['801*'] }), 'sweep | all'],
  [
    'our own write in whose transaction somebody else cancels',
    update({ Activation_Status__c: 'Failed', Status: 'Cancelled' }, { changeOrigin: OURS }),
    `tell ${O1} cancelled | orders ${O1}`,
  ],
  ['DELETE', order('DELETE'), `tell ${O1} deleted | orders ${O1}`, `tell ${O1} deleted | orders ${O1}`],
  [
    'UNDELETE of an approved order',
    order('UNDELETE', { fields: { Status: 'Approved', AccountId: ACCOUNT } }),
    `none | orders ${O1}/${ACCOUNT}`,
  ],
  ['GAP_CREATE', order('GAP_CREATE'), `request ${O1} by cdc | orders ${O1} gap`, `none | orders ${O1} gap`],
  ['GAP_UPDATE', order('GAP_UPDATE', { recordIds: [O1, O2] }), `request ${O1}+${O2} by cdc | orders ${O1}+${O2} gap`],
  ['GAP_UNDELETE', order('GAP_UNDELETE'), `request ${O1} by cdc | orders ${O1} gap`],
  ['GAP_DELETE', order('GAP_DELETE'), `tell ${O1} deleted | orders ${O1} gap`],
  ['GAP_OVERFLOW', order('GAP_OVERFLOW', { recordIds: [OVERFLOW_ID] }), 'sweep | all', 'sweep | all'],
  ['our own write-back', update({ WHMCS_Order_ID__c: '7' }, { changeOrigin: OURS }), `none | orders ${O1}`],
  [
    'our own write that carries a status',
    update({ Status: 'Approved' }, { changeOrigin: OURS }),
    `none | orders ${O1}`,
  ],
  [
    'a client whose name begins like ours',
    update({ Status: 'Approved' }, { changeOrigin: `${OURS}-2` }),
    `request ${O1} by cdc | orders ${O1}`,
  ],
  ['no record id', update({ Status: 'Approved' }, { recordIds: [] }), 'none | none | kept'],
  [
    'only the dummy id, outside an overflow',
    update({ Status: 'Approved' }, { recordIds: [OVERFLOW_ID] }),
    'none | none | kept',
  ],
  [
    'a hostile id among good ones',
    update({ Status: 'Approved' }, { recordIds: ["801' OR Id != '", O1, `${O2}\n`] }),
    `request ${O1} by cdc | orders ${O1} | kept`,
  ],
  ['an id of another object', update({ Status: 'Approved' }, { recordIds: [ACCOUNT] }), 'none | none | kept'],
  [
    'an id whose case was lost',
    update({ Status: 'Approved' }, { recordIds: [O1.toLowerCase()] }),
    'none | none | kept',
  ],
];

describe('an Order event', () => {
  it.each(orderCases.map(([name, event, cdc, dual]) => ({ name, event, cdc, dual })))(
    '$name',
    ({ event, cdc, dual }) => {
      expect(brief(event)).toBe(cdc);
      if (dual !== undefined) expect(brief(event, DUAL)).toBe(dual);
    },
  );

  it('obeys other statuses and other customer-facing fields', () => {
    const config: DecisionConfig = { ...CDC, provisionStatuses: ['Go'], customerFacingFields: ['Stage__c'] };
    expect(brief(update({ Status: 'Go' }), config)).toBe(`request ${O1} by cdc | none`);
    expect(brief(update({ Status: 'Approved' }), config)).toBe('none | none');
    expect(brief(update({ Stage__c: 'x' }), config)).toBe(`none | orders ${O1}`);
  });
});

const itemEvent = (change: ChangeType, recordIds: string[], fields: Record<string, unknown> = {}): DomainEvent => ({
  kind: 'order-item',
  change,
  recordIds,
  changedFields: Object.keys(fields),
  fields,
  changeOrigin: OTHER_APP,
});

describe('an OrderItem event starts nothing and', () => {
  it.each<[string, DomainEvent, string]>([
    ['UPDATE without the order id', itemEvent('UPDATE', [ITEM], { Quantity: 2 }), `none | items ${ITEM}`],
    ['CREATE', itemEvent('CREATE', [ITEM], { OrderId: O1 }), `none | items ${ITEM} of ${O1}`],
    ['CREATE whose order is not known', itemEvent('CREATE', [ITEM]), `none | items ${ITEM} gap`],
    ['DELETE', itemEvent('DELETE', [ITEM]), `none | items ${ITEM}`],
    ['GAP_UPDATE', itemEvent('GAP_UPDATE', [ITEM]), `none | items ${ITEM} gap`],
    ['GAP_OVERFLOW', itemEvent('GAP_OVERFLOW', [OVERFLOW_ID]), 'sweep | all'],
    ['wildcard', itemEvent('UPDATE', ['802*']), 'sweep | all'],
    ['hostile id', itemEvent('UPDATE', [ITEM, '802"']), `none | items ${ITEM} | kept`],
    ['no id', itemEvent('UPDATE', []), 'none | none | kept'],
  ])('%s', (_name, event, expected) => {
    expect(brief(event)).toBe(expected);
    expect(brief(event, DUAL)).toBe(expected);
  });
});

describe('a Product2 or PricebookEntry event invalidates the catalog', () => {
  it.each(['CREATE', 'UPDATE', 'DELETE', 'UNDELETE', 'GAP_UPDATE', 'GAP_OVERFLOW'] as const)('%s', (change) => {
    const event: DomainEvent = { ...itemEvent(change, ['01u000000000001AAA']), kind: 'catalog' } as DomainEvent;
    expect(brief(event)).toBe('none | catalog');
  });
});

describe('Order_Fulfilment_Requested__e', () => {
  const requested = (over: Record<string, unknown>): DomainEvent => ({
    kind: 'fulfilment-requested',
    orderId: O1,
    requestedBy: null,
    priority: null,
    correlationId: null,
    ...over,
  });

  it('carries who, how urgent and why along', () => {
    const event = requested({ requestedBy: '005Ws000001AbCd', priority: 'High', correlationId: 'c-1' });
    expect(decide(event, DUAL).provisioning).toEqual({
      kind: 'request',
      orderIds: [O1],
      trigger: 'platform-event',
      requestedBy: '005Ws000001AbCd',
      priority: 1,
      correlationId: 'c-1',
    });
  });

  it.each<[unknown, number | undefined]>([
    [1, 1],
    [5, 5],
    ['2', 2],
    ['normal', 3],
    ['Low', 5],
    [0, undefined],
    [6, undefined],
    [2.5, undefined],
    ['urgent', undefined],
    ['constructor', undefined],
    [null, undefined],
  ])('priority %p is %p', (priority, expected) => {
    expect(decide(requested({ priority }), DUAL).provisioning).toEqual({
      kind: 'request',
      orderIds: [O1],
      trigger: 'platform-event',
      ...(expected === undefined ? {} : { priority: expected }),
    });
  });

  it.each([undefined, null, '', 17, "801' --", '801*', ACCOUNT])(
    'without a valid order id (%p) it is kept',
    (orderId) => {
      expect(brief(requested({ orderId }), DUAL)).toBe('none | none | kept');
    },
  );

  it.each(['Jane Roe', 'jane.roe@example.com', '<b>', 'quote\r\n7', 'x'.repeat(121), 17, {}])(
    'leaves out who asked and the correlation where they are no ids, and says so: %p',
    (text) => {
      expect(decide(requested({ requestedBy: text, correlationId: text }), DUAL).provisioning).toEqual({
        kind: 'request',
        orderIds: [O1],
        trigger: 'platform-event',
        leftOut: ['requestedBy', 'correlationId'],
      });
    },
  );

  it.each(['9a1c6d2e-5b1f-4f0e-8f55-6f3f0f3a2b10', 'urn:quote:7', ` ${'x'.repeat(120)} `])(
    'keeps the correlation where it is an id, whole: %p',
    (correlationId) => {
      const { provisioning } = decide(requested({ correlationId }), DUAL);
      expect(provisioning).toMatchObject({ correlationId: correlationId.trim() });
      expect(provisioning).not.toHaveProperty('leftOut');
    },
  );

  it('leaves nothing out where nothing was given', () => {
    expect(decide(requested({ requestedBy: ' ', correlationId: null }), DUAL).provisioning).not.toHaveProperty(
      'leftOut',
    );
  });
});
