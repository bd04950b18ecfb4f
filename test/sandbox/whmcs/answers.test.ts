import { XMLParser } from 'fast-xml-parser';
import type { ListShape } from '../../../sandbox/whmcs/answer';
import { running, type Running } from './running';

let at: Running;
beforeAll(async () => {
  at = await running();
});
afterAll(() => at.whmcs.close());
beforeEach(() => at.whmcs.reset());

describe('lists', () => {
  const listed = async (shape: ListShape, orders: number) => {
    for (let n = 0; n < orders; n += 1) await at.order();
    at.whmcs.faults.listShape = shape;
    return (await at.call('GetOrders')).orders;
  };
  const order = (id: string) => expect.objectContaining({ id }) as unknown;

  test.each<[ListShape, number, unknown]>([
    ['documented', 0, { order: [] }],
    ['documented', 1, { order: [order('1')] }],
    ['documented', 2, { order: [order('2'), order('1')] }],
    ['single', 0, { order: [] }],
    ['single', 1, { order: order('1') }],
    ['single', 2, { order: [order('2'), order('1')] }],
    ['numericKeys', 0, { order: [] }],
    ['numericKeys', 1, { order: { 0: order('1') } }],
    ['numericKeys', 2, { order: { 0: order('2'), 1: order('1') } }],
    ['emptyObject', 0, {}],
    ['emptyObject', 1, { order: [order('1')] }],
    ['emptyString', 0, ''],
    ['emptyString', 1, { order: [order('1')] }],
  ])('%s with %d', async (shape, count, expected) => {
    expect(await listed(shape, count)).toEqual(expected);
  });

  test('inner lists have the shape too', async () => {
    await at.order();
    at.whmcs.faults.listShape = 'single';
    const { products } = (await at.call('GetClientsProducts', { clientid: '1' })) as {
      products: { product: { customfields: unknown } };
    };
    expect(products.product.customfields).toMatchObject({ customfield: { id: '41' } });
  });

  test('mixed goes through all shapes', async () => {
    at.whmcs.faults.listShape = 'mixed';
    const seen = new Set<string>();
    for (let n = 0; n < 5; n += 1) seen.add(JSON.stringify((await at.call('GetOrders')).orders));
    expect(seen).toEqual(new Set(['{"order":[]}', '{}', '""']));
  });
});

test('numbers come as strings, or as numbers where an installation has it so', async () => {
  expect(await at.call('GetOrders')).toMatchObject({ totalresults: '0' });
  at.whmcs.faults.numbers = 'numbers';
  expect(await at.call('GetOrders')).toMatchObject({ totalresults: 0 });
  expect(await at.order()).toBe(1);
});

test('JSON is escaped as PHP does it', async () => {
  await at.order({ 'domain[0]': 'é/x' });
  const text = await (await at.send('GetClientsProducts', { clientid: '1' })).text();
  expect(text).toContain('"domain":"\\u00e9\\/x"');
});

test.each([[''], ['xml']])('responsetype=%j answers in XML', async (responsetype) => {
  await at.order({ 'domain[0]': 'a<b&c' });
  const response = await at.send('GetOrders', { responsetype });
  expect(response.headers.get('content-type')).toContain('xml');
  expect(new XMLParser({ parseTagValue: false }).parse(await response.text())).toMatchObject({
    whmcsapi: {
      action: 'getorders',
      result: 'success',
      orders: { order: { id: '1', lineitems: { lineitem: { domain: 'a<b&c' } } } },
    },
  });
});

test('action names are found in any case', async () => {
  expect(await at.call('whmcsDETAILS')).toMatchObject({ result: 'success' });
  expect(at.whmcs.ledger.calls()).toMatchObject([{ action: 'WhmcsDetails' }]);
});
