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
});
