import { parseQuery } from '@jetstreamapp/soql-parser-js';
import { parseAccountId, parseOrderId, parseOrderItemId } from '../../src/domain/record-id';
import { DEFAULT_FIELDS } from '../../src/salesforce';
import { createCatalog } from '../../src/salesforce/catalog';
import { createSalesforceOrders } from '../../src/salesforce/orders';
import { createSalesforceProbe } from '../../src/salesforce/probe';
import type { SalesforceSession } from '../../src/salesforce/session';
import { createOrderViews } from '../../src/salesforce/views';

const ORDER = parseOrderId('801Qy000001AbCdIAK');
const PARENTS: Record<string, string> = { Account: 'Account', Product2: 'Product2', Pricebook2: 'Pricebook2' };
const CHILDREN: Record<string, string> = { OrderItems: 'OrderItem' };

/** `Object.Field` of everything that the product's own requests to Salesforce name, taken from the requests themselves. */
export async function fieldsOfTheProduct(): Promise<{ read: Set<string>; written: Set<string> }> {
  const read = new Set<string>();
  const written = new Set<string>();
  const note = (object: string, values: object): void => {
    for (const field of Object.keys(values))
      if (!['id', 'attributes'].includes(field)) written.add(`${object}.${field}`);
  };
  const session: SalesforceSession = {
    login: () => Promise.reject(new Error('not needed')),
    call({ method, path, body }) {
      const soql = /^\/query\?q=(.*)$/.exec(path)?.[1];
      if (soql !== undefined) for (const field of fieldsOfQuery(decodeURIComponent(soql))) read.add(field);
      if (method === 'PATCH' && path.startsWith('/sobjects/Order/')) note('Order', body as object);
      if (path !== '/composite/sobjects') return Promise.resolve({ records: [], done: true });
      const { records } = body as { records: { attributes: { type: string } }[] };
      for (const record of records) note(record.attributes.type, record);
      return Promise.resolve(records.map(() => ({ success: true, errors: [] })));
    },
  };
  const orders = createSalesforceOrders(session, DEFAULT_FIELDS);
  await orders.read(ORDER);
  await orders.markActivating(ORDER);
  await orders.markFailed(ORDER, { code: 'X', message: 'x', advice: 'y' });
  const services = [{ orderItemId: parseOrderItemId('802Qy000001AbCdIAK'), serviceIds: ['1'] }];
  await orders.writeBack(ORDER, { whmcsOrderId: '1', services });
  for await (const ids of orders.unprovisioned({ statuses: ['Approved'], stuckBefore: 0 })) ids.at(0);
  const views = createOrderViews(session, DEFAULT_FIELDS);
  await views.readOrder(ORDER);
  await views.readAccountOrders(parseAccountId('001Qy000001AbCdIAK'));
  await createCatalog(session, DEFAULT_FIELDS).readCatalog();
  const probe = createSalesforceProbe(session, DEFAULT_FIELDS);
  await probe.whmcsProductIds();
  await probe.lastError(ORDER);
  return { read, written };
}

function fieldsOfQuery(soql: string): string[] {
  const { sObject = '', fields = [], where } = parseQuery(soql);
  return [...columns(sObject, fields as unknown as Column[]), ...conditions(sObject, where as Condition | undefined)];
}

interface Column {
  type: string;
  field?: string;
  relationships?: string[];
  subquery?: { relationshipName: string; fields: Column[] };
}

function columns(object: string, fields: Column[]): string[] {
  return fields.flatMap(({ field = '', relationships = [], subquery }) => {
    if (subquery !== undefined) return columns(known(CHILDREN, subquery.relationshipName), subquery.fields);
    const parent = relationships.at(-1);
    return [`${parent === undefined ? object : known(PARENTS, parent)}.${field}`];
  });
}

interface Condition {
  left?: { field?: string; left?: unknown } | null;
  right?: Condition;
}

function conditions(object: string, condition: Condition | undefined): string[] {
  if (condition === undefined) return [];
  const path = condition.left?.field?.split('.') ?? [];
  const [parent, field] = path.length === 2 ? path : [undefined, path[0]];
  const named = field === undefined ? [] : [`${parent === undefined ? object : known(PARENTS, parent)}.${field}`];
  return [...named, ...conditions(object, condition.right)];
}

function known(names: Record<string, string>, name: string): string {
  const object = names[name];
  if (object === undefined) throw new Error(`The object behind the relationship ${name} is not known here`);
  return object;
}
