import fc from 'fast-check';
import {
  decide,
  DEFAULT_CUSTOMER_FACING_ORDER_FIELDS,
  DEFAULT_PROVISION_STATUSES,
  type DecisionConfig,
} from '../../src/domain/decision';
import { CHANGE_TYPES, type DomainEvent } from '../../src/domain/event';
import { idSuffix } from '../../src/domain/record-id';

const characters = Array.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
const idOf = (prefix: string) =>
  fc
    .array(fc.constantFrom(...characters), { minLength: 12, maxLength: 12 })
    .map((tail) => prefix + tail.join(''))
    .chain((id15) => fc.constantFrom(id15, id15 + idSuffix(id15)));
const anyId = fc.oneof(
  idOf('801'),
  idOf('802'),
  idOf('001'),
  fc.constantFrom('801*', '*', '000000000000000AAA', '', "801'", '801\n', '801%', '801000000000000AA!'),
  fc.string(),
);
const status = fc.oneof(
  fc.constantFrom('Approved', 'Reactivate', 'Cancelled', 'Draft', null),
  fc.string(),
  fc.anything(),
);
const fieldNames = fc.uniqueArray(
  fc.constantFrom('Status', 'AccountId', 'OrderId', 'Description', 'OwnerId', 'constructor'),
);
const changeEvent = fc.record({
  kind: fc.constantFrom('order' as const, 'order-item' as const, 'catalog' as const),
  change: fc.constantFrom(...CHANGE_TYPES),
  recordIds: fc.array(anyId, { maxLength: 6 }),
  changedFields: fieldNames,
  fields: fc.record({
    Status: status,
    AccountId: fc.oneof(anyId, fc.anything()),
    OrderId: fc.oneof(anyId, fc.anything()),
  }),
  changeOrigin: fc.oneof(fc.constant('com/salesforce/api/rest/62.0;client=order-provisioning'), fc.string()),
});
const requestEvent = fc.record({
  kind: fc.constant('fulfilment-requested' as const),
  orderId: fc.oneof(anyId, fc.anything()),
  requestedBy: fc.anything(),
  priority: fc.anything(),
  correlationId: fc.anything(),
});
const anyEvent: fc.Arbitrary<DomainEvent> = fc.oneof(changeEvent, requestEvent);
const anyConfig: fc.Arbitrary<DecisionConfig> = fc.record({
  provisionStatuses: fc.constant(DEFAULT_PROVISION_STATUSES),
  customerFacingFields: fc.constant(DEFAULT_CUSTOMER_FACING_ORDER_FIELDS),
  dualMode: fc.boolean(),
});

const check = (property: (event: DomainEvent, config: DecisionConfig) => void) =>
  fc.assert(fc.property(anyEvent, anyConfig, property), { numRuns: 2000 });

const ORDER_ID = /^801[0-9A-Za-z]{15}$/;

describe('whatever the event', () => {
  it('a decision is made, and its ids are whole ids of the right object, each once', () => {
    check((event, config) => {
      const { provisioning, caches } = decide(event, config);
      if (provisioning.kind === 'request' || provisioning.kind === 'tell') {
        expect(provisioning.orderIds.length).toBeGreaterThan(0);
        expect(new Set(provisioning.orderIds).size).toBe(provisioning.orderIds.length);
        for (const id of provisioning.orderIds) expect(id).toMatch(ORDER_ID);
      }
      if (caches.kind === 'orders') for (const { orderId } of caches.orders) expect(orderId).toMatch(ORDER_ID);
      if (caches.kind === 'orders-of-items')
        for (const id of caches.itemIds) expect(id).toMatch(/^802[0-9A-Za-z]{15}$/);
    });
  });

  it('the same event means the same, and is not altered', () => {
    check((event, config) => {
      const before = structuredClone({ ...event, fields: undefined });
      expect(decide(event, config)).toEqual(decide(event, config));
      expect({ ...event, fields: undefined }).toEqual(before);
    });
  });

  it('in dual mode a change event never asks for provisioning', () => {
    check((event, config) => {
      if (event.kind === 'fulfilment-requested') return;
      expect(decide(event, { ...config, dualMode: true }).provisioning.kind).not.toBe('request');
    });
  });

  it('our own write starts nothing, and hides no end that came with it', () => {
    check((event, config) => {
      if (event.kind !== 'order' || event.change === 'GAP_OVERFLOW') return;
      const ours = { ...event, changeOrigin: 'com/salesforce/api/rest/62.0;client=order-provisioning' };
      const [own, others] = [ours, { ...event, changeOrigin: '' }].map((one) => decide(one, config).provisioning);
      if (others?.kind === 'request') expect(own?.kind).toBe('none');
      else expect(own).toEqual(others);
    });
  });

  it('an order that is to be provisioned, or whose end is told, has its view invalidated with it', () => {
    check((event, config) => {
      const { provisioning, caches } = decide(event, config);
      if (event.kind !== 'order' || (provisioning.kind !== 'request' && provisioning.kind !== 'tell')) return;
      expect(caches.kind).toBe('orders');
      if (caches.kind === 'orders') expect(caches.orders.map((o) => o.orderId)).toEqual(provisioning.orderIds);
    });
  });

  it('no id is dropped in silence: each is acted upon, swept for, or the event is kept', () => {
    check((event, config) => {
      if (event.kind !== 'order' || event.change === 'GAP_OVERFLOW') return;
      const decision = decide(event, config);
      if (decision.provisioning.kind === 'sweep' || decision.deadLetter !== undefined) return;
      const acted = decision.caches.kind === 'orders' ? decision.caches.orders.map((o) => o.orderId.slice(0, 15)) : [];
      if (decision.caches.kind === 'none') return;
      expect(new Set(event.recordIds.map((id) => id.slice(0, 15)))).toEqual(new Set(acted));
    });
  });

  it('a sweep flushes every cache', () => {
    check((event, config) => {
      const { provisioning, caches } = decide(event, config);
      if (provisioning.kind === 'sweep') expect(caches.kind).toBe('all');
    });
  });
});
