import { eventually } from '../support/eventually';
import { createLoginGate, type LoginGate } from '../../src/listener/subscription';
import { ITEMS, orderId, ORDERS, startOrg, watch, type TestOrg, type Watched } from './support/org';

let org: TestOrg;
let watched: Watched[] = [];
const begin = (over: Parameters<typeof watch>[1] = {}): Watched => {
  const one = watch(org, over);
  watched.push(one);
  return one;
};
const ids = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => orderId(from + i));
const unhandled: unknown[] = [];
const onUnhandled = (error: unknown) => unhandled.push(error);

beforeAll(() => process.on('unhandledRejection', onUnhandled).on('uncaughtExceptionMonitor', onUnhandled));
afterAll(() => process.off('unhandledRejection', onUnhandled).off('uncaughtExceptionMonitor', onUnhandled));
beforeEach(async () => {
  org = await startOrg();
});
afterEach(async () => {
  await Promise.all(watched.map(({ subscription }) => subscription.close()));
  watched = [];
  await eventually(() => expect([org.open(ORDERS), org.open(ITEMS)]).toEqual([0, 0]));
  await org.sf.close();
  expect(unhandled.splice(0)).toEqual([]);
});

describe('a subscription heals', () => {
  it.each([
    ['a stream that ends', undefined, 'ended'],
    ['a failing server', 'service.unavailable', 'unavailable'],
    ['an internal error', 'subscription.internal.error', 'unavailable'],
    ['a session that expired', 'service.auth.error', 'session'],
  ] as const)('from %s, with one stream and nothing lost or repeated', async (_name, code, cause) => {
    const w = begin();
    for (let round = 0; round < 6; round++) {
      org.change(orderId(2 * round));
      await eventually(() => expect(w.seen()).toHaveLength(2 * round + 1));
      org.sf.faults.cutStreams(code === undefined ? {} : { code });
      org.change(orderId(2 * round + 1));
      await eventually(() => expect(w.seen()).toEqual(ids(0, 2 * round + 1)));
    }
    expect(w.ends).toEqual(Array(6).fill(cause));
    await eventually(() => expect(org.open()).toBe(1));
  });

  it('from all sessions ending at once, with one new login for all topics', async () => {
    const gate = gateOf();
    const [a, b] = [begin({ gate }), begin({ gate, topic: ITEMS })];
    await eventually(() => expect([org.open(ORDERS), org.open(ITEMS)]).toEqual([1, 1]));
    expect(org.logins()).toBe(1);
    org.sf.sessions.expireAll();
    org.sf.faults.cutStreams({ code: 'service.auth.error' });
    org.change(orderId(1));
    await eventually(() => expect(a.seen()).toEqual([orderId(1)]));
    await eventually(() => expect(b.subscription.state().mode).toBe('live'));
    expect(org.logins()).toBe(2);
  });

  it('from silence: a stream that says nothing is not believed', async () => {
    const w = begin({ silenceLimitMs: 600 });
    await eventually(() => expect(w.subscription.state().mode).toBe('live'));
    org.sf.faults.silence(ORDERS);
    await eventually(() => expect(w.ends).toContain('silence'));
    org.change(orderId(1));
    org.sf.faults.clear();
    await eventually(() => expect(w.seen()).toEqual([orderId(1)]));
    await eventually(() => expect(org.open()).toBe(1));
  });

  it('from a server that accepts and never answers', async () => {
    org.sf.faults.halfOpen();
    const w = begin({ silenceLimitMs: 500 });
    await eventually(() => expect(w.ends).toContain('silence'));
    org.change(orderId(1));
    org.sf.faults.clear();
    await eventually(() => expect(w.seen()).toEqual([orderId(1)]));
  });

  it('from a server that is not there, and a restart on the same port', async () => {
    const port = Number(org.sf.pubsubEndpoint.split(':')[1]);
    const w = begin({ gate: gateOf() });
    await eventually(() => expect(w.subscription.state().mode).toBe('live'));
    await org.sf.close();
    await eventually(() => expect(w.ends).toContain('unavailable'));
    org = await startOrg({ pubsubPort: port });
    // Another org: the old position means nothing to it, so it answers with a replay id error or with its events.
    await eventually(() => expect(org.open()).toBe(1));
    await eventually(() => expect(w.subscription.state().mode).toBe('live'));
  });

  it('from a replay id that expired: says so, waits, and goes on from the earliest', async () => {
    org.change(orderId(1));
    const first = begin();
    await eventually(() => expect(first.saved.length).toBeGreaterThan(0));
    const position = first.saved[0] as never;
    await first.subscription.close();
    org.sf.clock.advance(4 * 24 * 3600_000);
    org.change(orderId(2));
    const w = begin({ from: { after: position }, ack: false });
    await eventually(() => expect(w.seen()).toEqual(['?']));
    expect(w.subscription.state()).toMatchObject({ mode: 'position-lost', cause: 'replay-id' });
    expect(org.open()).toBe(0);
    w.deliveries[0]?.ack();
    await eventually(() => expect(w.seen()).toEqual(['?', orderId(2)]));
  });

  it.each(['1', '18446744073709551615'])('from a corrupted replay id (%s)', async (corrupted) => {
    org.change(orderId(1));
    const w = begin({ from: { after: corrupted as never } });
    await eventually(() => expect(w.seen()).toEqual(['?', orderId(1)]));
  });

  it('from a topic that is not there, slowly', async () => {
    org.sf.faults.forbid(ORDERS);
    const w = begin({ refusedRetryMs: 300 });
    await eventually(() => expect(w.subscription.state()).toMatchObject({ mode: 'waiting', cause: 'refused' }));
    expect(w.ends.length).toBeLessThan(4);
    org.change(orderId(1));
    org.sf.faults.clear();
    await eventually(() => expect(w.seen()).toEqual([orderId(1)]));
  });

  it('does not hammer a login that is refused', async () => {
    let attempts = 0;
    const gate = createLoginGate({
      login: () => Promise.reject(new Error(`refused ${++attempts}`)),
      isRefusal: () => true,
      refusedRetryMs: 60_000,
      failedRetryMs: 10,
    });
    const [a, b] = [begin({ gate, refusedRetryMs: 20 }), begin({ gate, topic: ITEMS, refusedRetryMs: 20 })];
    await eventually(() => {
      expect(a.ends.length).toBeGreaterThan(3);
      expect(b.ends.length).toBeGreaterThan(3);
    });
    expect(a.subscription.state()).toMatchObject({ mode: 'waiting', cause: 'credentials' });
    expect(attempts).toBe(1);
  });

  it('does not take a session for refused because of other troubles before it', async () => {
    const w = begin({ refusedRetryMs: 3_600_000 });
    const codes = [...Array<'service.unavailable'>(4).fill('service.unavailable'), 'service.auth.error'] as const;
    for (const [n, code] of codes.entries()) {
      await eventually(() => expect(w.subscription.state().mode).toBe('live'));
      org.sf.faults.cutStreams({ code });
      await eventually(() => expect(w.ends).toHaveLength(n + 1));
    }
    org.change(orderId(1));
    await eventually(() => expect(w.seen()).toEqual([orderId(1)]));
  });

  it('takes sessions that end one after another for refused', async () => {
    org.sf.faults.refuseSessions();
    const w = begin({ refusedRetryMs: 3_600_000 });
    await eventually(() => expect(w.ends).toHaveLength(4));
    const logins = org.logins();
    await eventually(() => expect(w.subscription.state()).toMatchObject({ mode: 'waiting', cause: 'session' }));
    expect([w.ends.length, org.logins()]).toEqual([4, logins]);
  });

  it('needs no stream while starved: the server may close it, and it comes back with the first room', async () => {
    await org.sf.close();
    org = await startOrg({ times: { idleMs: 100 } });
    for (const id of ids(1, 4)) org.change(id);
    const w = begin({ window: 2, ack: false });
    await eventually(() => expect(w.subscription.state().mode).toBe('starved'));
    expect(org.open()).toBe(0);
    expect(w.ends).toEqual([]);
    expect(w.subscription.state()).not.toHaveProperty('reason');
    for (const delivery of [...w.deliveries]) delivery.ack();
    await eventually(() => expect(w.seen()).toEqual(ids(1, 4)));
  });

  it('starved, gives no reason from a trouble that is over', async () => {
    await org.sf.close();
    org = await startOrg({ times: { idleMs: 100 } });
    const w = begin({ window: 2, ack: false });
    await eventually(() => expect(w.subscription.state().mode).toBe('live'));
    org.sf.faults.cutStreams({ code: 'service.unavailable' });
    await eventually(() => expect(w.ends).toEqual(['unavailable']));
    for (const id of ids(1, 4)) org.change(id);
    await eventually(() => expect(w.subscription.state().mode).toBe('starved'));
    expect(w.subscription.state()).not.toHaveProperty('reason');
  });

  it('closes at whatever moment of its beginning it is told to', async () => {
    const gate = gateOf();
    await gate.session(undefined);
    for (let moment = 0; moment < 40; moment++) {
      const w = watch(org, { gate });
      for (let turn = 0; turn < moment; turn++) await Promise.resolve();
      w.subscription.drain();
      await w.subscription.close();
    }
    await eventually(() => expect(org.open()).toBe(0));
  });

  it('closes for good when the position belongs to somebody else', async () => {
    const fenced = new Error('fenced');
    org.change(orderId(1));
    const one = watch(org, { save: () => Promise.reject(fenced), final: (error) => error === fenced });
    await eventually(() => expect(one.failure).toBe(fenced));
    expect(one.subscription.state().mode).toBe('closed');
    await eventually(() => expect(org.open()).toBe(0));
  });
});

function gateOf(): LoginGate {
  return createLoginGate({ login: () => org.login(), isRefusal: () => false, refusedRetryMs: 1000, failedRetryMs: 10 });
}
