import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decide, DEFAULT_PROVISION_STATUSES } from '../../src/domain/decision';
import { decodeEvent } from '../../src/listener/decode';
import { listening } from '../../src/processes/listening';
import { DEFAULT_FIELDS, parseFields } from '../../src/salesforce';

/** The names that an org gives its fields, as far as the listener. */

const ORDER = '801Ws000001AbCdIAK';
const listeningWith = (fields: object) =>
  listening(
    {
      pubsub: {
        endpoint: 'api.pubsub.salesforce.com:7443',
        insecure: false,
        channels: { order: 'o', orderItem: 'i', product: 'p', pricebookEntry: 'e', provisionEvent: 'r' },
        managedSubscriptions: {},
        replayFrom: 'earliest',
        silenceLimitMs: 300_000,
      } as never,
      policy: { provisionStatuses: DEFAULT_PROVISION_STATUSES } as never,
      customerFacingFields: undefined,
    },
    parseFields(fields),
  );

describe('SF_FIELDS_FILE', () => {
  it.each([
    [{}, DEFAULT_FIELDS.fulfilmentRequest],
    [
      { fulfilmentRequest: { orderId: 'Order__c', priority: 'Urgency__c' } },
      { ...DEFAULT_FIELDS.fulfilmentRequest, orderId: 'Order__c', priority: 'Urgency__c' },
    ],
  ])('renames the fields of the platform event: %j', (file, names) => {
    const config = listeningWith(file);
    const payload = {
      [names.orderId]: ORDER,
      [names.requestedBy]: 'portal',
      [names.priority]: 'High',
      [names.correlationId]: 'c-1',
    };
    const decoded = decodeEvent(payload, 'fulfilment-requests', config.fulfilmentFields);
    if (decoded.kind !== 'event') throw new Error(decoded.reason);
    expect(decide(decoded.event, { ...config, dualMode: true }).provisioning).toMatchObject({
      kind: 'request',
      orderIds: [ORDER],
      requestedBy: 'portal',
      priority: 1,
      correlationId: 'c-1',
    });
  });

  it('renames what customers see: a change of each field of an order that it names is a change of the view', () => {
    const order = { activationStatus: 'Stage__c', whmcsOrderId: 'Billing_No__c', currency: 'Currency__c' };
    const config = { ...listeningWith({ order }), dualMode: false };
    const changed = (field: string) => {
      const header = {
        entityName: 'Order',
        changeType: 'UPDATE',
        recordIds: [ORDER],
        changedFields: [field],
        changeOrigin: '',
      };
      const decoded = decodeEvent(
        { ChangeEventHeader: header, [field]: 'x' },
        'change-events',
        config.fulfilmentFields,
      );
      if (decoded.kind !== 'event') throw new Error(decoded.reason);
      return decide(decoded.event, config).caches.kind;
    };
    expect(Object.values(order).map(changed)).toEqual(['orders', 'orders', 'orders']);
    expect(
      ['Internal_Note__c', ...Object.values(DEFAULT_FIELDS.order).filter((name) => name !== null)].map(changed),
    ).toEqual(Array(5).fill('none'));
  });

  it('is shown in the docs as it is read', () => {
    const docs = readFileSync(join(__dirname, '..', '..', 'docs', 'salesforce-setup.md'), 'utf8');
    const example = /```json\n([^`]+)```/.exec(docs)?.[1] ?? '';
    const fields = parseFields(JSON.parse(example));
    expect(Object.keys(JSON.parse(example) as object).sort()).toEqual(Object.keys(DEFAULT_FIELDS).sort());
    expect(fields).toMatchObject({ fulfilmentRequest: { orderId: 'Order__c' } });
  });
});
