import { z } from 'zod';
import type { SObjectType } from '../schema/schema';
import type { Row, Transaction, TransactionMeta } from '../store/types';
import type { Emulator } from '../control';
import { ControlError, withBody, type ControlRoute } from './route';

const fieldsSchema = z.record(z.string(), z.unknown());

const orderSchema = z.strictObject({
  /** The account; the first one with a WHMCS client id if left out. */
  accountId: z.string().optional(),
  status: z.string().default('Draft'),
  /** Further fields of the Order. */
  fields: fieldsSchema.default({}),
  /** Lines; one of the first active price if left out. */
  items: z
    .array(
      z.strictObject({
        /** A Product2; its first active price in a price book is taken. */
        productId: z.string().optional(),
        pricebookEntryId: z.string().optional(),
        quantity: z.number().positive().default(1),
        unitPrice: z.number().nonnegative().optional(),
        fields: fieldsSchema.default({}),
      }),
    )
    .max(200)
    .default([{ quantity: 1, fields: {} }]),
});

const approveSchema = z.strictObject({ status: z.string().default('Approved') });

/** Records as a person or another system in the org would change them. */
export function recordRoutes(emulator: Emulator): ControlRoute[] {
  const { store, salesUserId } = emulator;
  // As the user interface writes (changeOrigin of events recorded from Lightning pages).
  const meta: TransactionMeta = {
    userId: salesUserId,
    changeOrigin: 'com/salesforce/api/soap/62.0;client=SfdcInternalAPI/',
  };
  const write = <T>(work: (tx: Transaction) => T): T => store.transaction(meta, work);

  function typeOf(name: string | undefined): SObjectType {
    const type = store.schema.object(name ?? '');
    if (type !== undefined) return type;
    const known = store.schema.objects.map((object) => object.name).join(', ');
    throw new ControlError(404, `There is no object ${name ?? ''}; known are ${known}`);
  }

  function rowOf(type: SObjectType, id: string | undefined, includeDeleted = false): Row {
    const row = store.get(type.name, id ?? '', { includeDeleted });
    if (row === undefined) throw new ControlError(404, `There is no ${type.name} ${id ?? ''}`);
    return row;
  }

  function orderWithItems(id: string) {
    return { ...rowOf(typeOf('Order'), id), items: store.rows('OrderItem').filter((row) => row['OrderId'] === id) };
  }

  function priceOf(item: z.output<typeof orderSchema>['items'][number]): Row {
    if (item.pricebookEntryId !== undefined) return rowOf(typeOf('PricebookEntry'), item.pricebookEntryId);
    const product = item.productId === undefined ? undefined : rowOf(typeOf('Product2'), item.productId).Id;
    const price = store
      .rows('PricebookEntry')
      .find((row) => row['IsActive'] === true && (product === undefined || row['Product2Id'] === product));
    if (price !== undefined) return price;
    throw new ControlError(
      422,
      `There is no active price${product === undefined ? '' : ` of product ${product}`}: create a Product2, a Pricebook2 and a PricebookEntry first`,
    );
  }

  function createOrder({ accountId, status, fields, items }: z.output<typeof orderSchema>) {
    const accounts = store.rows('Account');
    const account =
      accountId === undefined
        ? (accounts.find((row) => row['WHMCS_Client_ID__c'] !== null) ?? accounts[0])
        : rowOf(typeOf('Account'), accountId);
    if (account === undefined) throw new ControlError(422, 'There is no account: create one first');
    const priced = items.map((item) => ({ ...item, price: priceOf(item) }));
    const id = write((tx) => {
      const orderId = tx.create('Order', {
        AccountId: account.Id,
        EffectiveDate: new Date(emulator.clock.now()).toISOString().slice(0, 10),
        Status: status,
        ...(priced[0] === undefined ? {} : { Pricebook2Id: priced[0].price['Pricebook2Id'] }),
        ...fields,
      });
      for (const { price, quantity, unitPrice, fields: itemFields } of priced) {
        tx.create('OrderItem', {
          OrderId: orderId,
          PricebookEntryId: price.Id,
          Quantity: quantity,
          UnitPrice: unitPrice ?? price['UnitPrice'],
          ...itemFields,
        });
      }
      return orderId;
    });
    return orderWithItems(id);
  }

  const anOrder = () => store.rows('Order')[0]?.Id ?? 'ORDER_ID';

  return [
    withBody({
      method: 'POST',
      path: '/orders',
      does: 'creates an order with its items in one transaction; everything is optional',
      exampleBody: { status: 'Draft', items: [{ quantity: 2 }] },
      body: orderSchema,
      handle: (_call, body) => createOrder(body),
    }),
    withBody({
      method: 'POST',
      path: '/orders/:id/approve',
      does: 'sets the status of an order to Approved, or to the one given',
      examplePath: `/orders/${anOrder()}/approve`,
      exampleBody: { status: 'Approved' },
      body: approveSchema,
      handle: ({ params }, { status }) => {
        const order = rowOf(typeOf('Order'), params['id']);
        write((tx) => tx.update('Order', order.Id, { Status: status }));
        return orderWithItems(order.Id);
      },
    }),
    {
      method: 'GET',
      path: '/records/:type',
      does: 'records of an object in order of creation; limit=N (default 100), deleted=true shows the recycle bin as well',
      examplePath: '/records/Order?limit=5',
      handle: ({ params, query }) => {
        const rows = store.rows(typeOf(params['type']).name, { includeDeleted: query['deleted'] === 'true' });
        const limit = Number(query['limit'] ?? 100);
        if (!Number.isInteger(limit) || limit < 0) throw new ControlError(400, 'limit must be a whole number');
        return { total: rows.length, records: rows.slice(0, limit) };
      },
    },
    {
      method: 'GET',
      path: '/records/:type/:id',
      does: 'one record with all its fields',
      examplePath: `/records/Order/${anOrder()}`,
      handle: ({ params }) => rowOf(typeOf(params['type']), params['id'], true),
    },
    withBody({
      method: 'POST',
      path: '/records/:type',
      does: 'creates a record',
      examplePath: '/records/Account',
      exampleBody: { Name: 'Acme', WHMCS_Client_ID__c: '1' },
      body: fieldsSchema,
      handle: ({ params }, fields) => {
        const type = typeOf(params['type']);
        return rowOf(
          type,
          write((tx) => tx.create(type.name, fields)),
        );
      },
    }),
    withBody({
      method: 'PATCH',
      path: '/records/:type/:id',
      does: 'sets fields of a record; null empties one',
      examplePath: `/records/Order/${anOrder()}`,
      exampleBody: { Status: 'Cancelled' },
      body: fieldsSchema,
      handle: ({ params }, fields) => {
        const type = typeOf(params['type']);
        const { Id } = rowOf(type, params['id']);
        write((tx) => tx.update(type.name, Id, fields));
        return rowOf(type, Id);
      },
    }),
    {
      method: 'DELETE',
      path: '/records/:type/:id',
      does: 'moves a record to the recycle bin, its children with it',
      examplePath: `/records/Order/${anOrder()}`,
      handle: ({ params }) => {
        const type = typeOf(params['type']);
        const { Id } = rowOf(type, params['id']);
        write((tx) => tx.delete(type.name, Id));
        return rowOf(type, Id, true);
      },
    },
    {
      method: 'POST',
      path: '/records/:type/:id/undelete',
      does: 'takes a record out of the recycle bin, with what went there with it',
      examplePath: `/records/Order/${anOrder()}/undelete`,
      handle: ({ params }) => {
        const type = typeOf(params['type']);
        const { Id } = rowOf(type, params['id'], true);
        write((tx) => tx.undelete(type.name, Id));
        return rowOf(type, Id);
      },
    },
  ];
}
