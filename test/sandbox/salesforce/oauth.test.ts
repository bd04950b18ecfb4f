import { generateKeyPairSync } from 'node:crypto';
import { Connection } from 'jsforce';
import jwt from 'jsonwebtoken';
import { LoginError } from '../../../sandbox/salesforce/rest/logins';
import { CLIENT, PRIVATE_KEY, RestOrg, USER } from './rest-org';

const stranger = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).privateKey;

describe('logins', () => {
  let org: RestOrg;

  beforeEach(async () => {
    org = await RestOrg.start();
  });
  afterEach(() => org.stop());

  const client = () => new Connection({ oauth2: { loginUrl: org.url, ...CLIENT }, version: '62.0' });

  async function token(form: Record<string, string>, headers: Record<string, string> = {}) {
    const response = await fetch(`${org.url}/services/oauth2/token`, {
      method: 'POST',
      headers,
      body: new URLSearchParams(form),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  }

  const now = () => Math.floor(Date.now() / 1000);
  function assertion(
    claims: Record<string, unknown> = {},
    key = PRIVATE_KEY,
    algorithm: jwt.Algorithm = 'RS256',
  ): string {
    const all = { iss: CLIENT.clientId, sub: USER.username, aud: org.url, exp: now() + 180, ...claims };
    return jwt.sign(all, key, { algorithm, noTimestamp: true });
  }
  const bearer = (text: string) =>
    token({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: text });

  test('client credentials, through jsforce, and who one is then', async () => {
    const conn = client();
    await conn.authorize({ grant_type: 'client_credentials' });
    expect(conn.accessToken).toMatch(/^00DQy0000000001!/);
    expect(conn.instanceUrl).toBe(org.url);
    expect(await conn.identity()).toMatchObject({
      user_id: org.userId,
      organization_id: '00DQy0000000001MAA',
      username: USER.username,
    });
    expect(await conn.query('SELECT Id FROM Order')).toMatchObject({ totalSize: 0, done: true, records: [] });
  });

  test('the answer of the token endpoint has every part, and a Basic header does as well', async () => {
    const basic = Buffer.from(`${CLIENT.clientId}:${CLIENT.clientSecret}`).toString('base64');
    const { status, body } = await token({ grant_type: 'client_credentials' }, { authorization: `Basic ${basic}` });
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringContaining('!') as string,
      instance_url: org.url,
      id: `${org.url}/id/00DQy0000000001MAA/${org.userId}`,
      token_type: 'Bearer',
      scope: 'api',
      signature: expect.stringMatching(/^[\w+/]{43}=$/) as string,
      issued_at: expect.stringMatching(/^\d{13}$/) as string,
    });
  });

  test.each<[string, Record<string, string>, { error: string; error_description: string }]>([
    [
      'an unknown consumer',
      { client_id: 'nobody' },
      { error: 'invalid_client_id', error_description: 'client identifier invalid' },
    ],
    [
      'a wrong secret',
      { client_secret: 'wrong' },
      { error: 'invalid_client', error_description: 'invalid client credentials' },
    ],
    [
      'an unknown flow',
      { grant_type: 'magic' },
      { error: 'unsupported_grant_type', error_description: 'grant type not supported' },
    ],
    ['no flow', { grant_type: '' }, { error: 'invalid_request', error_description: 'must supply grant_type' }],
    [
      'a wrong password',
      { grant_type: 'password', username: USER.username, password: 'wrong' },
      { error: 'invalid_grant', error_description: 'authentication failure' },
    ],
  ])('%s is refused in the words of Salesforce', async (_name, form, answer) => {
    const given = { grant_type: 'client_credentials', client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret };
    expect(await token({ ...given, ...form })).toEqual({ status: 400, body: answer });
    expect(org.logins.counts).toEqual({ accepted: 0, refused: 1, byFlow: {} });
    expect(org.sessions.live).toBe(0);
  });

  test('JWT bearer', async () => {
    for (const aud of [org.url, 'https://login.salesforce.com', 'https://test.salesforce.com']) {
      const { status, body } = await bearer(assertion({ aud }));
      expect([aud, status]).toEqual([aud, 200]);
      const conn = new Connection({ instanceUrl: body['instance_url']!, accessToken: body['access_token']! });
      expect(await conn.identity()).toMatchObject({ username: USER.username });
    }
    expect(org.logins.counts.byFlow).toEqual({ jwt_bearer: 3 });
  });

  test.each<[string, () => string, string]>([
    ['a key that is not registered', () => assertion({}, stranger), 'invalid_grant: invalid assertion'],
    [
      'no signature',
      () => jwt.sign({ iss: CLIENT.clientId }, '', { algorithm: 'none' }),
      'invalid_grant: invalid assertion',
    ],
    ['another algorithm', () => assertion({}, PRIVATE_KEY, 'RS512'), 'invalid_grant: invalid assertion'],
    ['no JWT at all', () => PRIVATE_KEY, 'invalid_grant: invalid assertion'],
    ['an unknown consumer', () => assertion({ iss: 'nobody' }), 'invalid_client_id: client identifier invalid'],
    ['another audience', () => assertion({ aud: 'https://example.com' }), 'invalid_grant: audience is invalid'],
    ['an expiry in the past', () => assertion({ exp: now() - 1 }), 'invalid_grant: expired authorization code'],
    ['an expiry too far ahead', () => assertion({ exp: now() + 3600 }), 'invalid_grant: invalid assertion'],
    [
      'no expiry',
      () => jwt.sign({ iss: CLIENT.clientId, sub: USER.username, aud: org.url }, PRIVATE_KEY, { algorithm: 'RS256' }),
      'invalid_grant: invalid assertion',
    ],
    ['an unknown user', () => assertion({ sub: 'x@example.com' }), "invalid_grant: user hasn't approved this consumer"],
  ])('JWT bearer with %s is refused', async (_name, make, expected) => {
    const { status, body } = await bearer(make());
    expect(status).toBe(400);
    expect(`${body['error']!}: ${body['error_description']!}`).toBe(expected);
  });

  test('JWT bearer for a user whom nobody approved', async () => {
    org.deps.org.connectedApps[0]!.approvedUsernames = ['else@example.com'];
    expect((await bearer(assertion())).body['error_description']).toBe("user hasn't approved this consumer");
  });

  test('SOAP login and logout with a password that needs escaping, with and without the security token', async () => {
    for (const password of [USER.password, USER.password + USER.securityToken]) {
      const conn = new Connection({ loginUrl: org.url, version: '62.0' });
      const user = await conn.login(USER.username, password);
      expect(user).toMatchObject({ id: org.userId, organizationId: '00DQy0000000001MAA' });
      expect(await conn.query('SELECT Id FROM Order')).toMatchObject({ totalSize: 0 });
      const { accessToken } = conn;
      await conn.logout();
      expect(org.sessions.validate(accessToken!)).toBe('expired');
    }
    const conn = new Connection({ loginUrl: org.url, version: '62.0' });
    await expect(conn.login(USER.username, 'wrong')).rejects.toThrow(
      'INVALID_LOGIN: Invalid username, password, security token; or user locked out.',
    );
  });

  test('a session ends by the clock, by an administrator, and by revocation; use prolongs it', async () => {
    const conn = org.connect();
    const query = () => conn.query('SELECT Id FROM Order');
    org.clock.advance(100 * 60_000);
    await query();
    org.clock.advance(100 * 60_000);
    await query();
    org.clock.advance(121 * 60_000);
    await expect(query()).rejects.toMatchObject({
      errorCode: 'INVALID_SESSION_ID',
      message: 'Session expired or invalid',
    });

    const other = org.connect();
    org.sessions.expireAll();
    await expect(other.query('SELECT Id FROM Order')).rejects.toMatchObject({ errorCode: 'INVALID_SESSION_ID' });

    const third = client();
    await third.authorize({ grant_type: 'client_credentials' });
    const accessToken = third.accessToken!;
    await third.logout();
    expect(org.sessions.validate(accessToken)).toBe('expired');
  });

  test('jsforce logs in again by itself when its session has expired', async () => {
    const conn = new Connection({ loginUrl: org.url, version: '62.0' });
    await conn.login(USER.username, USER.password);
    org.sessions.expireAll();
    expect(await conn.query('SELECT Id FROM Order')).toMatchObject({ totalSize: 0 });
    expect(org.logins.counts.byFlow).toEqual({ soap: 2 });
  });

  test('without a session nothing is told', async () => {
    const paths = ['query?q=SELECT+Id+FROM+Order', 'sobjects', 'limits', 'composite', 'nothing', ''];
    for (const path of paths) {
      const response = await fetch(`${org.url}/services/data/v62.0/${path}`);
      expect([path, response.status, await response.json()]).toEqual([
        path,
        401,
        [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
      ]);
    }
    const info = await fetch(`${org.url}/services/oauth2/userinfo`, { headers: { authorization: 'Bearer wrong' } });
    expect([info.status, await info.text()]).toEqual([403, 'Bad_OAuth_Token']);
  });

  test('logins can be refused, whatever their credentials', async () => {
    org.logins.refuse(2, new LoginError('invalid_grant', 'ip restricted or invalid login hours'));
    const login = () => client().authorize({ grant_type: 'client_credentials' });
    await expect(login()).rejects.toThrow('ip restricted');
    await expect(login()).rejects.toThrow('ip restricted');
    await expect(login()).resolves.toBeDefined();
    expect(org.logins.counts).toEqual({ accepted: 1, refused: 2, byFlow: { client_credentials: 1 } });
  });
});
