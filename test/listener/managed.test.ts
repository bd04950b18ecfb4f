import { eventually } from '../support/eventually';
import { orderId, startOrg, watch, type TestOrg, type Watched } from './support/org';

const NAME = 'Order_Provisioning';
let org: TestOrg;
let watched: Watched[] = [];
const begin = (over: Parameters<typeof watch>[1] = {}): Watched => {
  const one = watch(org, { topic: NAME, managed: true, refusedRetryMs: 100, ...over });
  watched.push(one);
  return one;
};

beforeEach(async () => {
  org = await startOrg();
});
afterEach(async () => {
  await Promise.all(watched.map(({ subscription }) => subscription.close()));
  watched = [];
  await org.sf.close();
});

describe('a managed subscription', () => {
  it('keeps its place in Salesforce, behind the effects', async () => {
    for (const n of [1, 2, 3]) org.change(orderId(n));
    const first = begin({ ack: false });
    await eventually(() => expect(first.seen()).toEqual([1, 2, 3].map(orderId)));
    first.deliveries[0]?.ack();
    await eventually(() => expect(first.saved).toHaveLength(1));
    await eventually(() => expect(org.sf.pubsub.managed.committed(NAME)).toBe(first.saved[0]));
    await first.subscription.close();
    const second = begin();
    await eventually(() => expect(second.seen()).toEqual([2, 3].map(orderId)));
    await eventually(() => expect(org.sf.pubsub.managed.committed(NAME)).toBe(second.saved.at(-1) ?? 'none'));
  });

  it('goes on after a cut, with one stream', async () => {
    const w = begin();
    await eventually(() => expect(w.subscription.state().mode).toBe('live'));
    for (let n = 1; n <= 3; n++) {
      org.sf.faults.cutStreams({ code: 'service.unavailable' });
      org.change(orderId(n));
      await eventually(() => expect(w.seen()).toContain(orderId(n)));
    }
    await eventually(() => expect(org.open()).toBe(1));
  });

  it('that does not exist is waited for slowly, with a reason', async () => {
    const w = begin({ topic: 'Nobody_Made_It' });
    await eventually(() => expect(w.subscription.state()).toMatchObject({ mode: 'waiting', cause: 'refused' }));
  });

  it.each([
    ['the API limit of the org is reached', 'requestLimitExceeded', 'unavailable'],
    ['the session has ended', 'invalidSession', 'session'],
  ] as const)('is looked up again soon when %s', async (_what, kind, cause) => {
    org.sf.rest.faults.add({ kind, path: 'tooling', count: 2 });
    const w = begin({ refusedRetryMs: 3_600_000 });
    org.change(orderId(1));
    await eventually(() => expect(w.seen()).toEqual([orderId(1)]));
    expect(w.ends).toEqual([cause, cause]);
  });

  it('that was looked up too late is not opened beside the next stream', async () => {
    org.sf.rest.faults.add({ kind: 'latency', ms: 1_500, path: 'tooling', count: 1 });
    const w = begin({ silenceLimitMs: 700 });
    await eventually(() => expect(w.ends).toEqual(['silence']));
    await eventually(() => expect(w.subscription.state().mode).toBe('live'));
    // Both have been answered, the first one last.
    await eventually(() => expect(org.sf.rest.ledger.count('GET', /tooling/)).toBe(2));
    await eventually(() => {
      org.change(orderId(1));
      expect(w.saved.length).toBeGreaterThan(10);
    });
    await w.subscription.idle();
    await eventually(() => expect(org.sf.pubsub.managed.committed(NAME)).toBe(w.saved.at(-1)));
    expect(org.open()).toBe(1);
  });

  it('says when a place is not taken', async () => {
    const refusals: string[] = [];
    org.change(orderId(1));
    const w = begin({ ack: false, onCommitRefused: (reason) => refusals.push(reason) });
    await eventually(() => expect(w.seen()).toEqual([orderId(1)]));
    org.sf.clock.advance(4 * 24 * 3_600_000);
    w.deliveries[0]?.ack();
    await eventually(() => expect(refusals).toEqual([expect.stringMatching(/request is not valid/)]));
    org.change(orderId(2));
    await eventually(() => expect(w.seen()).toEqual([orderId(1), orderId(2)]));
    w.deliveries[1]?.ack();
    await eventually(() => expect(org.sf.pubsub.managed.committed(NAME)).toBe(w.saved.at(-1)));
  });
});
