import { LoginError } from '../../sandbox/salesforce/rest/logins';
import { failureOf } from '../whmcs/support/builders';
import { Org } from './support/org';

let org: Org;
beforeAll(async () => (org = await Org.start()));
beforeEach(() => org.forget());
afterAll(() => org.emulator.close());

const limits = (salesforce = org.salesforce) =>
  salesforce.session.call({ method: 'GET', path: '/limits' }, 'read limits');
const jwt = () => {
  const { username, privateKeyPem: privateKey } = org.emulator.credentials;
  return { username, privateKey };
};

describe('a login', () => {
  it('is made by client credentials, and tells what the Pub/Sub client needs', async () => {
    const login = await org.connect().session.login();
    expect(login).toMatchObject({ organizationId: org.emulator.orgId, instanceUrl: org.emulator.loginUrl });
    expect(org.emulator.sessions.validate(login.accessToken)).toMatchObject({ userId: org.emulator.integrationUserId });
  });

  it('is made by JWT bearer', async () => {
    const before = org.emulator.rest.logins.counts.byFlow['jwt_bearer'] ?? 0;
    await limits(org.connect({ credentials: jwt() }));
    expect(org.emulator.rest.logins.counts.byFlow['jwt_bearer']).toBe(before + 1);
  });

  it('with a key that is none is refused without showing it', async () => {
    const failure = await failureOf(
      limits(org.connect({ credentials: { username: 'x', privateKey: 'BEGIN s3cret' } })),
    );
    expect(failure.code).toBe('SF_CREDENTIALS_REFUSED');
    expect(JSON.stringify([failure.message, String(failure.cause)])).not.toContain('s3cret');
  });

  it('that is asked for is a fresh one', async () => {
    const { session } = org.connect();
    const first = await session.login();
    expect((await session.login()).accessToken).not.toBe(first.accessToken);
  });

  it('is one for many calls at once', async () => {
    const before = org.logins;
    const salesforce = org.connect();
    await Promise.all(Array.from({ length: 20 }, () => limits(salesforce)));
    expect(org.logins).toBe(before + 1);
  });
});

describe('an expired session', () => {
  it('is renewed once for 20 calls at once, and each is repeated once', async () => {
    await limits();
    const before = org.logins;
    org.emulator.sessions.expireAll();
    org.forget();
    await Promise.all(Array.from({ length: 20 }, () => limits()));
    expect(org.logins).toBe(before + 1);
    expect(org.requests().length).toBeLessThanOrEqual(40);
  });

  it('is renewed at its first call, too', async () => {
    const salesforce = org.connect();
    await salesforce.session.login();
    org.emulator.sessions.expireAll();
    await limits(salesforce);
  });

  it('that comes back expired is no reason to log in again and again', async () => {
    let now = 1_000_000;
    const salesforce = org.connect({ now: () => now });
    await limits(salesforce);
    org.emulator.rest.faults.add({ kind: 'invalidSession', path: '^/services/data/' });
    const before = org.logins;
    expect((await failureOf(limits(salesforce))).code).toBe('SF_SESSION_EXPIRED');
    for (let i = 0; i < 10; i++) await failureOf(limits(salesforce));
    expect(org.logins).toBe(before + 1);
    now += 3_000;
    await failureOf(limits(salesforce));
    expect(org.logins).toBe(before + 2);
    org.forget();
    now += 10_000;
    await limits(salesforce);
  });
});

describe('a refused login', () => {
  it('is remembered for a growing time, and forgotten once one succeeds', async () => {
    let now = 1_000_000;
    const salesforce = org.connect({ now: () => now });
    const { logins } = org.emulator.rest;
    const tries = () => logins.counts.refused;
    logins.refuse(Infinity, new LoginError('invalid_client', 'invalid client credentials'));
    const before = tries();
    const failures = await Promise.all(Array.from({ length: 10 }, () => failureOf(limits(salesforce))));
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['SF_CREDENTIALS_REFUSED']));
    expect(failures[0]).toMatchObject({ kind: 'retryable', vendorCode: 'invalid_client', retryAfterMs: 2_000 });
    expect(tries()).toBe(before + 1);
    now += 2_001;
    expect((await failureOf(limits(salesforce))).retryAfterMs).toBe(4_000);
    expect(tries()).toBe(before + 2);
    now += 3_000;
    await failureOf(limits(salesforce));
    expect(tries()).toBe(before + 2);
    logins.refuse(0);
    now += 1_001;
    await limits(salesforce);
  });

  it('tells no secret', async () => {
    const failure = await failureOf(limits(org.connect({ credentials: { clientSecret: 'hunter2hunter2' } })));
    expect(failure.code).toBe('SF_CREDENTIALS_REFUSED');
    expect(`${failure.message} ${String(failure.cause)}`).not.toContain('hunter2');
  });
});

describe('a call', () => {
  it('says who calls', async () => {
    await limits();
    expect(org.emulator.rest.ledger.entries.at(-1)).toMatchObject({ client: 'order-provisioning' });
  });

  it.each([
    [{ kind: 'unavailable', format: 'html' }, 'SF_SERVER_ERROR'],
    [{ kind: 'unavailable', format: 'json' }, 'SF_SERVER_ERROR'],
    [{ kind: 'unknownException' }, 'SF_SERVER_ERROR'],
    [{ kind: 'requestLimitExceeded' }, 'SF_RATE_LIMITED'],
    [{ kind: 'loseBeforeCommit' }, 'SF_UNREACHABLE'],
    [{ kind: 'commitThenLose' }, 'SF_UNREACHABLE'],
  ] as const)('that meets %j is %s, sent once, and then works again', async (fault, code) => {
    await limits();
    org.forget();
    org.emulator.rest.faults.add({ ...fault, count: 1 });
    expect(await failureOf(limits())).toMatchObject({ code, kind: 'retryable' });
    expect(org.requests()).toHaveLength(1);
    await limits();
  });

  it('that hangs ends with the time limit', async () => {
    org.emulator.rest.faults.add({ kind: 'hang', path: '/limits', count: 1 });
    expect(await failureOf(limits(org.connect({ timeoutMs: 400 })))).toMatchObject({
      code: 'SF_UNREACHABLE',
      vendorCode: 'TIMEOUT',
    });
  });

  it('to a closed port is retryable', async () => {
    expect(await failureOf(limits(org.connect({ loginUrl: 'http://127.0.0.1:9' })))).toMatchObject({
      code: 'SF_UNREACHABLE',
      kind: 'retryable',
    });
  });
});
