import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseOrderId } from '../../src/domain/order';
import { createSalesforce, type Salesforce } from '../../src/salesforce';
import { failureOf } from '../whmcs/support/builders';

/** What an org does only rarely: answers that a test scripts, behind a token endpoint that always says yes. */
let server: Server;
let url: string;
let seen: { url: string; authorization: string | undefined }[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let instance: string | undefined;

beforeEach(async () => {
  seen = [];
  instance = undefined;
  server = createServer((request, response) => {
    if (request.url === '/services/oauth2/token') {
      const id = `${url}/id/00DQy0000001aBcMAI/005000000000001AAA`;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ access_token: 't0ken', instance_url: instance ?? url, id }));
      return;
    }
    seen.push({ url: request.url ?? '', authorization: request.headers.authorization });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const connect = (timeoutMs = 5_000): Salesforce =>
  createSalesforce({ loginUrl: url, clientId: 'c', credentials: { clientSecret: 's' }, timeoutMs });
const json = (response: ServerResponse, body: unknown) => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
};
const ORDER = parseOrderId('801000000000001');
const item = (n: number) => ({ Id: `802${String(n).padStart(12, '0')}`, Quantity: 1, Product2: null });
const order = (OrderItems: unknown) => ({ Id: ORDER, Status: 'Approved', Account: null, OrderItems });

it('reads every page of the items of an order', async () => {
  const next = '/services/data/v62.0/query/0r8-2';
  answer = (request, response) => {
    const first = { totalSize: 3, done: false, nextRecordsUrl: next, records: [item(1), item(2)] };
    json(response, request.url === next ? { done: true, records: [item(3)] } : { done: true, records: [order(first)] });
  };
  expect((await connect().orders.read(ORDER))?.items).toHaveLength(3);
});

it.each(['https://evil.example/services/data/v62.0/query/1', '//evil.example/', '/services/data/v62.0/query/../../x'])(
  'asks for no next page elsewhere: %s',
  async (nextRecordsUrl) => {
    answer = (_request, response) => json(response, { done: false, nextRecordsUrl, records: [order(null)] });
    expect((await failureOf(connect().orders.read(ORDER))).code).toBe('SF_SERVER_ERROR');
    expect(seen).toHaveLength(1);
  },
);

it.each([301, 302, 307, 308])('does not take the token along a redirect (HTTP %i)', async (status) => {
  answer = (_request, response) => response.writeHead(status, { location: `${url}/elsewhere` }).end();
  expect(await failureOf(connect().orders.read(ORDER))).toMatchObject({
    code: 'SF_SERVER_ERROR',
    vendorCode: `HTTP ${status}`,
  });
  expect(seen.map((request) => request.url)).not.toContain('/elsewhere');
});

it('sends no token to an instance that is not Salesforce', async () => {
  instance = 'https://evil.example';
  expect(await failureOf(connect().orders.read(ORDER))).toMatchObject({
    code: 'SF_CREDENTIALS_REFUSED',
    vendorCode: 'foreign_instance_url',
  });
});

it('does not wait for ever for the rest of a body', async () => {
  answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"records":[');
  };
  expect((await failureOf(connect(300).orders.read(ORDER))).code).toBe('SF_UNREACHABLE');
});

it.each(['<html>Jane Roe</html>', '', '[', '{"records":7}', 'null'])(
  'takes no odd body for an answer: %j',
  async (body) => {
    answer = (_request, response) => response.setHeader('content-type', 'application/json').end(body);
    const failure = await failureOf(connect().orders.read(ORDER));
    expect(failure).toMatchObject({ code: 'SF_SERVER_ERROR', kind: 'retryable' });
    expect(failure.message).not.toContain('Jane');
  },
);
