import Ajv from 'ajv/dist/2020';
import type { FastifyInstance } from 'fastify';
import type { CatalogView, OrderView } from '../../src/cache';
import { CUSTOMER_FACING_ORDER_FIELDS } from '../../src/domain/views';
import { parseRecordId } from '../../src/domain/record-id';
import { buildPortal } from '../../src/portal';
import { accountId, itemId, orderId } from '../cache/support/truth';

/** The description is held to what the portal serves: each route and each answer, against the schema it names. */

const ORDER: OrderView = {
  id: orderId(1),
  orderNumber: '00000001',
  accountId: accountId(1),
  status: 'Activated',
  activationStatus: 'Activated',
  whmcsOrderId: '12',
  effectiveDate: '2026-11-23',
  totalAmount: 12.5,
  currency: 'EUR',
  items: [
    {
      id: itemId(1),
      productId: parseRecordId('01t000000000001'),
      productName: 'Hosting',
      quantity: 1,
      unitPrice: 12.5,
      billingCycle: 'monthly',
      whmcsServiceId: '7',
    },
  ],
};
const CATALOG: CatalogView = {
  priceBookId: parseRecordId('01s000000000001'),
  products: [
    {
      id: parseRecordId('01t000000000001'),
      name: 'Hosting',
      code: null,
      family: null,
      description: null,
      prices: [{ id: parseRecordId('01u000000000001'), unitPrice: 12.5, currency: 'EUR' }],
    },
  ],
};

let app: FastifyInstance;
let address: string;

beforeAll(async () => {
  const outcome = 'hit' as const;
  app = buildPortal({
    orders: {
      readOrder: (id) => Promise.resolve({ value: id === ORDER.id ? ORDER : undefined, outcome }),
      readAccountOrders: () => Promise.resolve({ value: [ORDER], outcome }),
    },
    catalog: { readCatalog: () => Promise.resolve({ value: CATALOG, outcome }) },
    access: {},
  });
  address = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => app.close());

interface Described {
  paths: Record<string, { get: { responses: Record<string, { content?: Record<string, { schema: object }> }> } }>;
  components: { schemas: Record<string, object> };
}

const described = async (): Promise<Described> => (await (await fetch(`${address}/openapi.json`)).json()) as Described;

describe('the OpenAPI description', () => {
  it('describes every read that the portal serves, and no other', async () => {
    const { paths } = await described();
    const served = Object.keys(paths).map((path) => path.replace(/\{(\w+)\}/g, ':$1'));
    const routes = [...app.printRoutes({ commonPrefix: false }).matchAll(/(\/\S*) \(GET/g)].map((match) => match[1]);
    expect([...served, '/openapi.json'].sort()).toEqual(routes.sort());
  });

  it.each([
    ['/orders/{orderId}', `/orders/${orderId(1)}`, 200],
    ['/orders/{orderId}', `/orders/${orderId(2)}`, 404],
    ['/orders/{orderId}', '/orders/801*', 400],
    ['/accounts/{accountId}/orders', `/accounts/${accountId(1)}/orders`, 200],
    ['/accounts/{accountId}/orders', '/accounts/1/orders', 400],
    ['/catalog', '/catalog', 200],
  ])('%s answers %s with what it describes for %i', async (path, url, status) => {
    const { paths, components } = await described();
    const answer = await fetch(address + url);
    expect(answer.status).toBe(status);
    const schema = paths[path]?.get.responses[String(status)]?.content?.['application/json']?.schema;
    const ajv = new Ajv({ strict: false });
    const validate = ajv.compile({ ...schema, components });
    const valid = validate(await answer.json());
    expect(validate.errors).toBeNull();
    expect(valid).toBe(true);
  });

  it('would not accept a field that it does not describe', async () => {
    const { components } = await described();
    const validate = new Ajv({ strict: false }).compile({ $ref: '#/components/schemas/Order', components });
    expect(validate(ORDER)).toBe(true);
    expect(validate({ ...ORDER, internal: 1 })).toBe(false);
  });
});

describe('customer-facing fields', () => {
  /** Which Salesforce field each part of the view shows; undefined: it cannot change without another event. */
  const SHOWN: Record<keyof OrderView, (typeof CUSTOMER_FACING_ORDER_FIELDS)[number] | undefined> = {
    id: undefined,
    orderNumber: 'OrderNumber',
    accountId: 'AccountId',
    status: 'Status',
    activationStatus: 'Activation_Status__c',
    whmcsOrderId: 'WHMCS_Order_ID__c',
    effectiveDate: 'EffectiveDate',
    totalAmount: 'TotalAmount',
    currency: 'CurrencyIsoCode',
    items: undefined,
  };

  it('are the fields that the view shows, so that no change of it goes unseen', () => {
    const shown = Object.values(SHOWN).filter((field) => field !== undefined);
    expect(new Set(CUSTOMER_FACING_ORDER_FIELDS)).toEqual(new Set(shown));
  });
});
