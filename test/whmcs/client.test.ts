import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWhmcsClient, encodeForm } from '../../src/whmcs/client';
import { readServices } from '../../src/whmcs/services';
import { failureOf } from './support/builders';

/** A server that answers as the test says, and keeps what it got. */
class Scripted {
  readonly requests: { url: string; body: string }[] = [];
  answer: (params: URLSearchParams) => { status?: number; headers?: Record<string, string>; body: string } = () => ({
    body: '{"result":"success"}',
  });
  readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      this.requests.push({ url: request.url ?? '', body });
      const { status = 200, headers = {}, body: text } = this.answer(new URLSearchParams(body));
      response.writeHead(status, headers).end(text);
    });
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/includes/api.php`;
  }
}

let scripted: Scripted;
let client: ReturnType<typeof createWhmcsClient>;
beforeEach(async () => {
  scripted = new Scripted();
  const apiUrl = await scripted.listen();
  client = createWhmcsClient({ apiUrl, identifier: 'id', secret: 's3cret&=', accessKey: 'k3y', timeoutMs: 5_000 });
});
afterEach(() => new Promise((resolve) => scripted.server.close(resolve)));

it('puts everything into the body and nothing into the address', async () => {
  await client.call('GetOrders', { id: '7' }, 'for a test');
  const [request] = scripted.requests;
  expect(request?.url).toBe('/includes/api.php');
  expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
    action: 'GetOrders',
    id: '7',
    identifier: 'id',
    secret: 's3cret&=',
    accesskey: 'k3y',
    responsetype: 'json',
  });
});

it('writes arrays as PHP reads them, and keeps the places of what is left out', () => {
  const form = encodeForm({
    pid: ['1', '2'],
    priceoverride: [undefined, '5.00'],
    noemail: true,
    other: false,
    none: undefined,
  });
  expect([...form]).toEqual([
    ['pid[0]', '1'],
    ['pid[1]', '2'],
    ['priceoverride[1]', '5.00'],
    ['noemail', '1'],
  ]);
});

it.each([301, 302, 307, 308])('does not follow a redirect (HTTP %i): the secret stays here', async (status) => {
  scripted.answer = () => ({ status, headers: { location: '/elsewhere' }, body: '' });
  expect((await failureOf(client.call('GetOrders', {}, 'for a test'))).code).toBe('WHMCS_UNREACHABLE');
  expect(scripted.requests).toHaveLength(1);
});

it('judges the body before the status', async () => {
  scripted.answer = () => ({ status: 500, body: '{"result":"success","orderid":"1"}' });
  expect(await client.call('AddOrder', {}, 'for a test')).toMatchObject({ orderid: '1' });
});

it('keeps the body out of its errors', async () => {
  scripted.answer = () => ({ status: 500, body: '<html>Jane Roe, 12 Elm Road, s3cret</html>' });
  const failure = await failureOf(client.call('AddOrder', {}, 'for a test'));
  expect(failure.message).not.toMatch(/jane|elm|s3cret/i);
  expect(failure.cause).toBeUndefined();
});

type Paging = [name: string, total: number, page: (start: number, wanted: number) => [number, number]];

describe('services in pages', () => {
  const service = (id: number) => ({
    id: String(id),
    orderid: String(id),
    pid: '1',
    status: 'Active',
    customfields: '',
  });
  const serve = (
    total: number,
    page: (start: number, wanted: number) => [number, number],
    claimed: number | null = total,
  ) => {
    scripted.answer = (params) => {
      const [from, to] = page(Number(params.get('limitstart')), Number(params.get('limitnum')));
      const product = Array.from({ length: Math.max(0, Math.min(to, total) - from) }, (_, i) => service(from + i + 1));
      const totals = claimed === null ? {} : { totalresults: String(claimed) };
      return { body: JSON.stringify({ result: 'success', ...totals, products: { product } }) };
    };
  };

  it.each<Paging>([
    ['as asked', 600, (start, wanted) => [start, start + wanted]],
    ['of 25, whatever is asked', 110, (start) => [start, start + 25]],
    ['all at once, whatever is asked', 600, () => [0, 600]],
  ])('%s: none is missed and none comes twice', async (_name, total, page) => {
    serve(total, page);
    expect((await readServices(client, '1', 'for a test')).map(({ id }) => Number(id))).toEqual(
      Array.from({ length: total }, (_, i) => i + 1),
    );
  });

  it('end without a total where a page is not full', async () => {
    serve(300, (start, wanted) => [start, start + wanted], null);
    expect(await readServices(client, '1', 'for a test')).toHaveLength(300);
  });

  it.each<Paging>([
    ['that are always the first', 300, (_start, wanted) => [0, wanted]],
    ['that end too early', 300, (start) => (start === 0 ? [0, 100] : [0, 0])],
  ])('%s are a failure: an order not seen would be sold twice', async (_name, total, page) => {
    serve(total, page);
    expect((await failureOf(readServices(client, '1', 'for a test'))).kind).toBe('retryable');
    expect(scripted.requests.length).toBeLessThan(4);
  });
});
