import type { Fault } from '../../../sandbox/whmcs/fault-kinds';
import { ordersByMarker } from '../../../sandbox/whmcs/marked-orders';
import { eventually } from '../../support/eventually';
import { encodeFields, running, type Running } from './running';

let at: Running;
beforeEach(async () => {
  at = await running();
});
afterEach(() => at.whmcs.close());

const ADD = { clientid: '1', paymentmethod: 'mailin', 'pid[0]': '1', 'pid[1]': '3', 'pid[2]': '5' };
const add = () => at.send('AddOrder', ADD);
const orders = () => [...at.whmcs.store.orders.values()];
const lastAdd = () => at.whmcs.ledger.calls('AddOrder').at(-1);

describe('the order is made and the answer is lost', () => {
  test('commitThenLose: the order, its changes and the lost answer are in the ledger', async () => {
    at.whmcs.faults.add({ kind: 'commitThenLose', action: '^AddOrder$', count: 1 });
    const fields = { 'customfields[0]': encodeFields({ 41: '801000000000001AAA:802000000000001AAA' }) };
    await expect(at.send('AddOrder', { ...ADD, ...fields })).rejects.toThrow();
    expect(orders()).toMatchObject([{ id: 1, status: 'Pending', serviceIds: [1, 2, 3], invoiceId: 1 }]);
    expect(lastAdd()).toMatchObject({
      outcome: 'lost',
      committed: true,
      committedLate: false,
      status: null,
      faults: ['commitThenLose'],
      customFields: { 0: { 41: '801000000000001AAA:802000000000001AAA' } },
    });
    const call = lastAdd()!.seq;
    expect(at.whmcs.ledger.changes('order')).toMatchObject([{ call, id: 1, from: null, to: 'Pending' }]);
    const marked = ordersByMarker(at.whmcs.store);
    expect([...marked.keys()]).toEqual(['801000000000001AAA']);
    // The count is used up.
    expect((await add()).status).toBe(200);
  });

  test.each<[Fault, number]>([
    [{ kind: 'commitThenHtml' }, 200],
    [{ kind: 'commitThen5xx' }, 502],
    [{ kind: 'commitThen5xx', status: 504 }, 504],
  ])('%j', async (fault, status) => {
    at.whmcs.faults.add(fault);
    const response = await add();
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
    expect(await response.text()).toContain('<html>');
    expect(orders()).toHaveLength(1);
    expect(lastAdd()).toMatchObject({ committed: true, outcome: 'answered', status });
  });

  test('commitLate: nothing is there until it is released', async () => {
    const fault = at.whmcs.faults.add({ kind: 'commitLate', action: 'AddOrder', count: 1 });
    await expect(add()).rejects.toThrow();
    expect(orders()).toHaveLength(0);
    expect(lastAdd()).toMatchObject({ outcome: 'lost', committed: false });
    await eventually(() => expect(fault.waiting).toBe(1));
    fault.release();
    await eventually(() => expect(orders()).toHaveLength(1));
    expect(lastAdd()).toMatchObject({ outcome: 'lost', committed: true, committedLate: true });
  });

  test.each([
    [true, 'Active'],
    [undefined, 'Cancelled'],
  ])(
    'commitLate of AcceptOrder whose status was checked: %s; an order cancelled meanwhile ends %s',
    async (checked, status) => {
      await at.order();
      const fault = at.whmcs.faults.add({ kind: 'commitLate', action: 'AcceptOrder', count: 1, checked });
      await expect(at.send('AcceptOrder', { orderid: '1' })).rejects.toThrow();
      await eventually(() => expect(fault.waiting).toBe(1));
      await at.send('CancelOrder', { orderid: '1' });
      fault.release();
      await eventually(() => expect(at.whmcs.ledger.calls('AcceptOrder')[0]?.result).not.toBeNull());
      expect(orders()).toMatchObject([{ status }]);
    },
  );

  test('commitLate by a time', async () => {
    at.whmcs.faults.add({ kind: 'commitLate', action: 'AddOrder', count: 1, afterMs: 20 });
    await expect(add()).rejects.toThrow();
    await eventually(() => expect(orders()).toHaveLength(1));
  });

  test('a late commit never comes after close', async () => {
    const fault = at.whmcs.faults.add({ kind: 'commitLate', action: 'AddOrder', count: 1 });
    await expect(add()).rejects.toThrow();
    await eventually(() => expect(fault.waiting).toBe(1));
    await at.whmcs.close();
    fault.release();
    await new Promise(setImmediate);
    expect(orders()).toHaveLength(0);
  });

  test('what waits is dropped by a reset: it does not write into the new contents', async () => {
    const late = at.whmcs.faults.add({ kind: 'commitLate', action: 'AddOrder', count: 1 });
    const hang = at.whmcs.faults.add({ kind: 'hang', action: 'AddOrder', count: 1 });
    const lost = [expect(add()).rejects.toThrow(), expect(add()).rejects.toThrow()];
    await eventually(() => expect([late.waiting, hang.waiting]).toEqual([1, 1]));
    at.whmcs.reset();
    await Promise.all(lost);
    expect(await at.order()).toBe('1');
  });

  test.each([0, 1, 2])('partialAdd: %d of 3 services are made, no invoice, no answer', async (services) => {
    at.whmcs.faults.add({ kind: 'partialAdd', services, count: 1 });
    await expect(add()).rejects.toThrow();
    expect(orders()).toMatchObject([{ status: 'Pending', invoiceId: 0 }]);
    expect(at.whmcs.store.services.size).toBe(services);
    expect(lastAdd()).toMatchObject({ outcome: 'lost', committed: true });
  });
});

describe('the order is not made', () => {
  test('loseBeforeCommit', async () => {
    at.whmcs.faults.add({ kind: 'loseBeforeCommit' });
    await expect(add()).rejects.toThrow();
    expect(lastAdd()).toMatchObject({ outcome: 'lost', committed: false });
    expect(orders()).toHaveLength(0);
  });

  test.each<[Fault, number, string, string | null]>([
    [{ kind: 'html200' }, 200, 'maintenance', null],
    [{ kind: 'html500' }, 500, 'Oops', null],
    [{ kind: '503' }, 503, 'maintenance', null],
    [{ kind: '503', retryAfterSeconds: 30 }, 503, 'maintenance', '30'],
    [{ kind: '429', retryAfterSeconds: 7 }, 429, 'Slow down', '7'],
    [{ kind: '403ip', ip: '1.2.3.4' }, 403, '"message":"Invalid IP 1.2.3.4"', null],
    [{ kind: '403auth' }, 403, '"message":"Authentication Failed"', null],
    [{ kind: '403permission' }, 403, '\\"addorder\\" is not allowed', null],
    [{ kind: 'businessError', message: 'Some Hook Said No' }, 200, '"message":"Some Hook Said No"', null],
  ])('%j', async (fault, status, text, retryAfter) => {
    at.whmcs.faults.add(fault);
    const response = await add();
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter]);
    expect(await response.text()).toContain(text);
    expect(orders()).toHaveLength(0);
    expect(lastAdd()).toMatchObject({ committed: false, status });
  });
});

describe('the answer is spoilt', () => {
  test('truncatedJson', async () => {
    at.whmcs.faults.add({ kind: 'truncatedJson' });
    const response = await add();
    expect(response.status).toBe(200);
    await expect(response.json()).rejects.toThrow();
    expect(orders()).toHaveLength(1);
  });

  test('wrongContentType', async () => {
    at.whmcs.faults.add({ kind: 'wrongContentType' });
    const response = await add();
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(await response.json()).toMatchObject({ result: 'success' });
  });

  test('phpWarning', async () => {
    at.whmcs.faults.add({ kind: 'phpWarning' });
    const text = await (await add()).text();
    expect(text).toMatch(/^<br \/>\n<b>Warning<\/b>/);
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ result: 'success' });
  });

  test('hugeBody', async () => {
    at.whmcs.faults.add({ kind: 'hugeBody', bytes: 1_000_000 });
    expect((await (await add()).text()).length).toBeGreaterThan(1_000_000);
  });
});

describe('time', () => {
  test('latency delays a call and hits together with another fault', async () => {
    at.whmcs.faults.add({ kind: 'latency', ms: 30, action: 'AddOrder' });
    at.whmcs.faults.add({ kind: 'businessError', message: 'No', action: 'AddOrder' });
    expect(await (await add()).json()).toMatchObject({ message: 'No' });
    expect(lastAdd()).toMatchObject({ faults: ['latency', 'businessError'] });
  });

  test('a hanging call commits when it is released, though its client has left', async () => {
    const fault = at.whmcs.faults.add({ kind: 'hang', action: 'AddOrder', count: 1 });
    const leaving = new AbortController();
    const sent = fetch(at.whmcs.apiUrl, {
      method: 'POST',
      body: new URLSearchParams({ ...at.whmcs.credentials, action: 'AddOrder', ...ADD }),
      signal: leaving.signal,
    });
    await eventually(() => expect(fault.waiting).toBe(1));
    leaving.abort();
    await expect(sent).rejects.toThrow();
    await eventually(() => expect(lastAdd()).toMatchObject({ outcome: 'lost', committed: false }));
    fault.release();
    await eventually(() => expect(lastAdd()).toMatchObject({ outcome: 'lost', committed: true, committedLate: true }));
  });

  test('a call that hangs after its commit is answered when released', async () => {
    const fault = at.whmcs.faults.add({ kind: 'hang', commit: true, action: 'AddOrder', count: 1 });
    const sent = add();
    await eventually(() => expect(fault.waiting).toBe(1));
    expect(orders()).toHaveLength(1);
    fault.release();
    expect(await (await sent).json()).toMatchObject({ orderid: '1' });
  });

  test('close lets nothing hang', async () => {
    const fault = at.whmcs.faults.add({ kind: 'hang' });
    const sent = add();
    const lost = expect(sent).rejects.toThrow();
    await eventually(() => expect(fault.waiting).toBe(1));
    await at.whmcs.close();
    await lost;
    expect(orders()).toHaveLength(0);
  });
});

describe('selection', () => {
  test('by action, after some calls, for some calls, until removed', async () => {
    const fault = at.whmcs.faults.add({ kind: '503', action: '^Get', skip: 1, count: 2 });
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await at.send('GetOrders')).status);
    expect(statuses).toEqual([200, 503, 503, 200]);
    expect((await at.send('WhmcsDetails')).status).toBe(200);
    expect([fault.hits, fault.active]).toEqual([2, false]);
    const other = at.whmcs.faults.add({ kind: '503' });
    expect((await at.send('WhmcsDetails')).status).toBe(503);
    other.remove();
    expect((await at.send('WhmcsDetails')).status).toBe(200);
  });

  test('a malformed fault is refused', () => {
    expect(() => at.whmcs.faults.add({ kind: '503', action: '(' })).toThrow(/regular expression/);
    expect(() => at.whmcs.faults.add({ kind: 'nonsense' } as never)).toThrow();
  });
});

describe('barriers', () => {
  test('hold a call before its commit', async () => {
    const reached = at.whmcs.faults.whenReached('AddOrder', 2, 'before-commit', { hold: true });
    expect((await add()).status).toBe(200);
    const sent = add();
    const held = await reached;
    expect(held.call).toMatchObject({ action: 'AddOrder', outcome: 'open', committed: false });
    expect(orders()).toHaveLength(1);
    held.release();
    expect(await (await sent).json()).toMatchObject({ orderid: '2' });
  });

  test('hold a call after its commit, and drop it there', async () => {
    const reached = at.whmcs.faults.whenReached('AddOrder', 1, 'after-commit', { hold: true });
    const sent = add();
    const lost = expect(sent).rejects.toThrow();
    const held = await reached;
    expect(orders()).toHaveLength(1);
    held.drop();
    await lost;
    expect(lastAdd()).toMatchObject({ outcome: 'lost', committed: true });
  });

  test('a call dropped before its commit does nothing', async () => {
    const reached = at.whmcs.faults.whenReached('AddOrder', 1, 'before-commit', { hold: true });
    const lost = expect(add()).rejects.toThrow();
    (await reached).drop();
    await lost;
    expect(orders()).toHaveLength(0);
  });

  test('other calls pass while one is held; without hold a call goes on at once', async () => {
    const reached = at.whmcs.faults.whenReached('addorder', 1, 'before-commit', { hold: true });
    const noticed = at.whmcs.faults.whenReached('GetOrders', 1, 'after-commit');
    const sent = add();
    const held = await reached;
    expect((await at.send('GetOrders')).status).toBe(200);
    expect((await noticed).call.action).toBe('GetOrders');
    held.release();
    expect((await sent).status).toBe(200);
  });

  test('a barrier that nobody reached says so when it is cleared', async () => {
    const reached = at.whmcs.faults.whenReached('AddOrder', 1, 'before-commit');
    at.whmcs.faults.clear();
    await expect(reached).rejects.toThrow('No call of AddOrder reached before-commit');
  });
});
