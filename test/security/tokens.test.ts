import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verify, type JwtPayload } from 'jsonwebtoken';
import { createSalesforce, type SalesforceCredentials } from '../../src/salesforce';
import { createWhmcsClient } from '../../src/whmcs/client';
import { failureOf } from '../whmcs/support/builders';

/** Credentials and tokens go to the one place they are for, and are of the kind that they should be. */

interface Seen {
  url: string;
  headers: string;
  body: string;
}

/** Keeps all that it is sent, and answers as the test says. */
class Host {
  readonly seen: Seen[] = [];
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end();
  url = '';
  private readonly server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (text: string) => (body += text));
    request.on('end', () => {
      this.seen.push({ url: request.url ?? '', headers: JSON.stringify(request.headers), body });
      this.answer(request, response);
    });
  });

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  close(): Promise<unknown> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

let vendor: Host;
let elsewhere: Host;
beforeEach(async () => {
  [vendor, elsewhere] = await Promise.all([new Host().listen(), new Host().listen()]);
});
afterEach(() => Promise.all([vendor.close(), elsewhere.close()]));

const REDIRECTS = [301, 302, 303, 307, 308];
const redirecting = (status: number) => (_request: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, { location: `${elsewhere.url}/taken` }).end();
};
const salesforce = (credentials: SalesforceCredentials = { clientSecret: 'the-secret' }) =>
  createSalesforce({ loginUrl: vendor.url, clientId: 'the-client', credentials, timeoutMs: 20_000 });
const loggedIn = (_request: IncomingMessage, response: ServerResponse, instance = vendor.url) => {
  const id = `${vendor.url}/id/00DQy0000001aBcMAI/005000000000001AAA`;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ access_token: 'the-token', instance_url: instance, id }));
};
const limits = { method: 'GET', path: '/limits' } as const;

describe('a redirect takes nothing along', () => {
  it.each(REDIRECTS)('of the login (HTTP %i)', async (status) => {
    vendor.answer = redirecting(status);
    expect((await failureOf(salesforce().session.login())).code).toBe('SF_SERVER_ERROR');
    expect(elsewhere.seen).toEqual([]);
  });

  it.each(REDIRECTS)('of a call with a token (HTTP %i)', async (status) => {
    vendor.answer = (request, response) => {
      if (request.url === '/services/oauth2/token') loggedIn(request, response);
      else redirecting(status)(request, response);
    };
    expect((await failureOf(salesforce().session.call(limits, 'read limits'))).code).toBe('SF_SERVER_ERROR');
    expect(vendor.seen).toHaveLength(2);
    expect(elsewhere.seen).toEqual([]);
  });

  it.each(REDIRECTS)('of WHMCS (HTTP %i)', async (status) => {
    vendor.answer = redirecting(status);
    const client = createWhmcsClient({ apiUrl: vendor.url, identifier: 'i', secret: 's', timeoutMs: 20_000 });
    expect((await failureOf(client.call('GetOrders', {}, 'for a test'))).kind).toBe('retryable');
    expect(elsewhere.seen).toEqual([]);
  });
});

it.each(['https://evil.example', 'https://salesforce.com.evil.example', 'http://acme.my.salesforce.com', 'ftp://x'])(
  'a login that names the instance %s gives no session',
  async (instance) => {
    vendor.answer = (request, response) => loggedIn(request, response, instance);
    expect(await failureOf(salesforce().session.call(limits, 'read limits'))).toMatchObject({
      code: 'SF_CREDENTIALS_REFUSED',
      vendorCode: 'foreign_instance_url',
    });
    expect(vendor.seen).toHaveLength(1);
  },
);

it('no address and no error holds a secret or a token', async () => {
  vendor.answer = (request, response) => {
    if (request.url === '/services/oauth2/token') loggedIn(request, response);
    else response.writeHead(500).end('the-secret the-token');
  };
  const failure = await failureOf(salesforce().session.call(limits, 'read limits'));
  expect(vendor.seen.map(({ url }) => url).join()).not.toMatch(/the-(secret|token|client)/);
  expect(vendor.seen[0]?.body).toContain('the-secret');
  expect(vendor.seen[1]?.headers).toContain('the-token');
  expect(JSON.stringify([failure, failure.message, failure.stack, failure.cause])).not.toMatch(/the-(secret|token)/);
});

describe('an assertion for JWT bearer', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

  it('is RS256, for this login alone, of this client and user, and ends within Salesforce’s three minutes', async () => {
    vendor.answer = loggedIn;
    await salesforce({ username: 'integration@example.com', privateKey }).session.login();
    const form = new URLSearchParams(vendor.seen[0]?.body);
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    expect(vendor.seen[0]?.url).toBe('/services/oauth2/token');
    const { header, payload } = verify(form.get('assertion') ?? '', publicKey, {
      algorithms: ['RS256'],
      audience: vendor.url,
      issuer: 'the-client',
      subject: 'integration@example.com',
      complete: true,
    });
    const { exp = Infinity } = payload as JwtPayload;
    expect(header.alg).toBe('RS256');
    expect(exp).toBeGreaterThan(Date.now() / 1000);
    expect(exp).toBeLessThan(Date.now() / 1000 + 180);
  });

  it('is for another audience where the org wants one, and goes to this login all the same', async () => {
    vendor.answer = loggedIn;
    const audience = 'https://login.salesforce.com';
    await salesforce({ username: 'integration@example.com', privateKey, audience }).session.login();
    expect(vendor.seen[0]?.url).toBe('/services/oauth2/token');
    const assertion = new URLSearchParams(vendor.seen[0]?.body).get('assertion') ?? '';
    expect(() => verify(assertion, publicKey, { algorithms: ['RS256'], audience })).not.toThrow();
  });

  it.each([
    [
      'an EC key',
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }),
    ],
    ['a shared secret', 'a shared secret of more than thirty-two bytes'],
    ['a public key', publicKey],
  ])('is not made with %s', async (_, wrong) => {
    const failure = await failureOf(salesforce({ username: 'u', privateKey: wrong.toString() }).session.login());
    expect(failure).toMatchObject({ code: 'SF_CREDENTIALS_REFUSED', vendorCode: 'private_key' });
    expect(vendor.seen).toEqual([]);
  });
});
