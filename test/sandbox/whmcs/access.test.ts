import { running, type Running } from './running';
import type { WhmcsOptions } from '../../../sandbox/whmcs/server';

const CREDENTIALS = { identifier: 'the-identifier', secret: 'the-secret', accessKey: 'the-key' };
const open: Running[] = [];
afterEach(async () => {
  for (const at of open.splice(0)) await at.whmcs.close();
});

async function ask(options: WhmcsOptions, params: Record<string, string>): Promise<[number, unknown]> {
  const at = await running({ credentials: CREDENTIALS, ...options });
  open.push(at);
  const body = new URLSearchParams({ action: 'WhmcsDetails', responsetype: 'json', ...params });
  const response = await fetch(at.whmcs.apiUrl, { method: 'POST', body });
  const { message } = (await response.json()) as { message?: string };
  return [response.status, message];
}

const right = { identifier: 'the-identifier', secret: 'the-secret' };

test.each<[string, WhmcsOptions, Record<string, string>, [number, string | undefined]]>([
  ['right credentials', {}, right, [200, undefined]],
  ['their older names', {}, { username: 'the-identifier', password: 'the-secret' }, [200, undefined]],
  ['no credentials', {}, {}, [403, 'Authentication Failed']],
  ['wrong identifier', {}, { ...right, identifier: 'x' }, [403, 'Invalid or missing credentials']],
  ['wrong secret', {}, { ...right, secret: 'the-secreT' }, [403, 'Authentication Failed']],
  ['another address', { allowedIps: ['192.0.2.1'] }, right, [403, 'Invalid IP 127.0.0.1']],
  ['an allowed address', { allowedIps: ['127.0.0.1'] }, right, [200, undefined]],
  ['an access key instead', { allowedIps: [] }, { ...right, accesskey: 'the-key' }, [200, undefined]],
  ['a wrong access key', {}, { ...right, accesskey: 'x' }, [403, 'Invalid Access Key']],
  ['an access key alone', {}, { accesskey: 'the-key' }, [403, 'Authentication Failed']],
  ['an allowed action', { allowedActions: ['whmcsdetails'] }, right, [200, undefined]],
  [
    'an action outside the role',
    { allowedActions: ['AddOrder'] },
    right,
    [403, 'Invalid Permissions: API action "whmcsdetails" is not allowed'],
  ],
])('%s', async (_name, options, params, expected) => {
  expect(await ask(options, params)).toEqual(expected);
});

test('a refused call changes nothing', async () => {
  const at = await running({ allowedActions: ['GetOrders'] });
  open.push(at);
  expect((await at.send('AddOrder', { clientid: '1', paymentmethod: 'mailin', 'pid[0]': '1' })).status).toBe(403);
  expect(at.whmcs.store.orders.size).toBe(0);
  expect(at.whmcs.ledger.calls('AddOrder')).toMatchObject([{ committed: false, status: 403, result: 'error' }]);
});

test('a JSON body is not a form: PHP sees nothing of it, and so no credentials', async () => {
  const at = await running();
  open.push(at);
  const response = await fetch(at.whmcs.apiUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...at.whmcs.credentials, action: 'WhmcsDetails', responsetype: 'json' }),
  });
  expect(response.status).toBe(403);
  expect(await response.text()).toContain('<message>Authentication Failed</message>');
});

test('credentials in the URL work, as they do in WHMCS, and the ledger tells', async () => {
  const at = await running();
  open.push(at);
  const query = new URLSearchParams({ ...at.whmcs.credentials, action: 'WhmcsDetails', responsetype: 'json' });
  expect((await fetch(`${at.whmcs.apiUrl}?${query.toString()}`)).status).toBe(200);
  await at.call('WhmcsDetails');
  expect(at.whmcs.ledger.calls().map((call) => call.credentialInUrl)).toEqual([true, false]);
});

test('no secret is in the ledger', async () => {
  const at = await running({ credentials: CREDENTIALS });
  open.push(at);
  await at.call('WhmcsDetails', { accesskey: 'the-key' });
  await at.call('WhmcsDetails', { secret: 'the-secret-mistyped', password2: 'the-secret' });
  expect(JSON.stringify(at.whmcs.ledger.entries())).not.toMatch(/the-(secret|key|identifier)/);
});

test('nothing else is at home', async () => {
  const at = await running();
  open.push(at);
  expect((await fetch(at.whmcs.apiUrl.replace('api.php', 'other.php'))).status).toBe(404);
  expect(await at.call('NoSuchAction')).toEqual({ result: 'error', message: 'Command Not Found' });
});
