import { eventually } from '../support/eventually';
import { ITEMS, orderId, ORDERS, startOrg, watch, type TestOrg, type Watched } from './support/org';

let org: TestOrg;
let watched: Watched[] = [];
const begin = (...args: Parameters<typeof watch> extends [unknown, ...infer Rest] ? Rest : never): Watched => {
  const one = watch(org, ...args);
  watched.push(one);
  return one;
};
const ids = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => orderId(from + i));
const lastPosition = (w: Watched) => w.deliveries.map((d) => (d.kind === 'position-lost' ? '' : d.raw.replayId)).at(-1);

beforeEach(async () => {
  org = await startOrg();
});
afterEach(async () => {
  await Promise.all(watched.map(({ subscription }) => subscription.close()));
  watched = [];
  await eventually(() => expect([org.open(ORDERS), org.open(ITEMS)]).toEqual([0, 0]));
  await org.sf.close();
});

describe('a subscription', () => {
  it('yields the events in order, decoded, with their replay ids, and saves the last one', async () => {
    for (const id of ids(1, 5)) org.change(id);
    const w = begin();
    await eventually(() => expect(w.seen()).toEqual(ids(1, 5)));
    const [first] = w.deliveries;
    expect(first).toMatchObject({
      kind: 'event',
      payload: { Status: 'Approved', ChangeEventHeader: { changedFields: ['Status'] } },
    });
    await w.subscription.idle();
    expect(w.saved.at(-1)).toBe(lastPosition(w));
    expect(w.subscription.state().mode).toBe('live');
  });

  it('takes a full message in order, and saves what a turn acknowledges at once', async () => {
    for (const id of ids(1, 1_000)) org.change(id);
    const w = begin();
    await eventually(() => expect(w.seen()).toEqual(ids(1, 1_000)));
    await w.subscription.idle();
    expect(w.saved.at(-1)).toBe(lastPosition(w));
    // Two portions of a message of a hundred; an event each would be a thousand.
    expect(w.saved.length).toBeLessThan(100);
  });

  it('saves by tens what is done one by one, and does not wait for what is not done', async () => {
    for (const id of ids(1, 42)) org.change(id);
    const w = begin({ ack: false, gatherMs: 600_000 });
    await eventually(() => expect(w.seen()).toHaveLength(42));
    const places = w.deliveries.map((d) => (d.kind === 'position-lost' ? '' : d.raw.replayId));
    for (const [n, delivery] of w.deliveries.slice(0, 41).entries()) {
      delivery.ack();
      if (n % 10 === 9) await eventually(() => expect(w.saved.at(-1)).toBe(places[n]));
      else await new Promise((resolve) => setImmediate(resolve));
    }
    expect(w.saved).toEqual([9, 19, 29, 39].map((n) => places[n]));
    // Nothing else is in hand once the last is done.
    w.deliveries[41]?.ack();
    await w.subscription.idle();
    expect(w.saved.at(-1)).toBe(places[41]);
  });

  it('saves what is done within the time for which it may wait, whatever else is in hand', async () => {
    for (const id of ids(1, 2)) org.change(id);
    const w = begin({ ack: false, gatherMs: 20 });
    await eventually(() => expect(w.seen()).toHaveLength(2));
    const [first] = w.deliveries;
    first?.ack();
    await eventually(() => expect(w.saved).toEqual([(first as { raw: { replayId: string } }).raw.replayId]));
  });

  it('leaves the client nothing of a payload to put into words', async () => {
    for (const id of ids(1, 2)) org.change(id);
    const w = begin();
    await eventually(() => expect(w.seen()).toHaveLength(2));
    const [payload] = w.deliveries.map((delivery) => (delivery.kind === 'event' ? delivery.payload : undefined));
    expect(payload).toMatchObject({ Status: 'Approved' });
    expect(JSON.stringify({ payload })).toBe('{"payload":""}');
  });

  it('resumes after a replay id', async () => {
    for (const id of ids(1, 4)) org.change(id);
    const first = begin();
    await eventually(() => expect(first.seen()).toHaveLength(4));
    const second = first.deliveries[1];
    if (second?.kind !== 'event') throw new Error('no event');
    const w = begin({ from: { after: second.raw.replayId } });
    await eventually(() => expect(w.seen()).toEqual(ids(3, 4)));
  });

  it('takes no more than its window before effects are done, and goes on with each that is', async () => {
    for (const id of ids(1, 12)) org.change(id);
    const w = begin({ window: 4, ack: false });
    await eventually(() => expect(w.seen()).toEqual(ids(1, 4)));
    expect(org.sf.pubsub.stats().eventsRequested[ORDERS]).toBe(4);
    w.deliveries[1]?.ack();
    w.deliveries[2]?.ack();
    expect(w.saved).toEqual([]);
    w.deliveries[0]?.ack();
    await eventually(() => expect(w.seen()).toEqual(ids(1, 7)));
    expect(w.saved.at(-1)).toBe((w.deliveries[2] as { raw: { replayId: string } }).raw.replayId);
    expect(org.sf.pubsub.stats().eventsDelivered[ORDERS]).toBe(7);
  });

  it('asks for nothing more while the position cannot be saved', async () => {
    for (const id of ids(1, 9)) org.change(id);
    let [down, attempts] = [true, 0];
    const saved: string[] = [];
    const w = begin({
      window: 3,
      save: (position) => {
        attempts++;
        if (down) return Promise.reject(new Error('no store'));
        saved.push(position);
        return Promise.resolve();
      },
    });
    await eventually(() => expect(w.seen()).toEqual(ids(1, 3)));
    await eventually(() => expect(attempts).toBeGreaterThan(5));
    const { eventsDelivered, eventsRequested } = org.sf.pubsub.stats();
    expect([eventsDelivered[ORDERS], eventsRequested[ORDERS]]).toEqual([3, 3]);
    down = false;
    await eventually(() => expect(w.seen()).toEqual(ids(1, 9)));
    await w.subscription.idle();
    expect(saved.at(-1)).toBe(lastPosition(w));
  });

  it('keeps the order when messages come while a schema is fetched', async () => {
    org.sf.faults.latency('GetSchema', 150);
    const w = begin();
    await eventually(() => expect(org.open()).toBe(1));
    for (const id of ids(1, 6)) {
      org.change(id);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(() => expect(w.seen()).toEqual(ids(1, 6)));
  });

  it('hands a payload that does not decode over as it came, and goes on', async () => {
    org.change(orderId(1));
    org.sf.faults.events.truncated(ORDERS);
    org.change(orderId(2));
    const w = begin();
    await eventually(() => expect(w.seen()).toEqual([orderId(1), '!', orderId(2)]));
    const bad = w.deliveries[1];
    expect(bad?.kind === 'undecodable' && bad.raw.payload.length).toBeGreaterThan(0);
  });

  it('keeps the place of an event whose schema cannot be had, and loses nothing', async () => {
    org.sf.faults.failSchema({ topic: ORDERS });
    for (const id of ids(1, 3)) org.change(id);
    const w = begin();
    await eventually(() => expect(w.ends.filter((cause) => cause === 'schema').length).toBeGreaterThan(1));
    expect(w.seen()).toEqual([]);
    expect(w.subscription.state()).toMatchObject({ cause: 'schema' });
    org.sf.faults.clear();
    await eventually(() => expect(w.seen()).toEqual(ids(1, 3)));
  });

  it('waits for a schema that nobody knows, without a word of its event being lost', async () => {
    org.change(orderId(1));
    org.sf.faults.events.unknownSchema(ORDERS);
    const w = begin();
    await eventually(() => expect(w.ends).toContain('schema'));
    expect(w.seen()).toEqual([orderId(1)]);
    expect(w.subscription.state().reason).toMatch(/schema\.meta\.permission/);
  });

  it('a replay id above 2^53 comes and goes exactly', async () => {
    await org.sf.close();
    org = await startOrg({ firstReplayPosition: 2n ** 60n + 1n });
    for (const id of ids(1, 3)) org.change(id);
    const w = begin();
    await eventually(() => expect(w.seen()).toEqual(ids(1, 3)));
    const replayIds = w.deliveries.map((d) => (d.kind === 'event' ? d.raw.replayId : ''));
    expect(new Set(replayIds).size).toBe(3);
    expect(replayIds.every((id) => BigInt(id) > 2n ** 60n)).toBe(true);
    const again = begin({ from: { after: replayIds[0] as never } });
    await eventually(() => expect(again.seen()).toEqual(ids(2, 3)));
  });

  it('keeps the place that a keepalive tells, so that a quiet topic does not expire', async () => {
    const w = begin();
    await eventually(() => expect(w.saved.length).toBeGreaterThan(0));
    org.sf.clock.advance(30 * 3600_000);
    const before = w.saved.at(-1) ?? '0';
    await eventually(() => expect(BigInt(w.saved.at(-1) ?? '0') > BigInt(before)).toBe(true));
  });

  it('does not believe an empty batch that was sent without credit: events wait behind it', async () => {
    for (const id of ids(1, 4)) org.change(id);
    const w = begin({ window: 2, ack: false });
    await eventually(() => expect(w.seen()).toEqual(ids(1, 2)));
    for (const delivery of [...w.deliveries]) delivery.ack();
    // On its way while our next request is, by our own count, credit.
    org.sf.faults.leap(ORDERS);
    await eventually(() => expect(w.seen()).toEqual(ids(1, 4)));
    const second = w.deliveries[1];
    expect(w.saved.at(-1)).toBe(second?.kind === 'event' ? second.raw.replayId : 'no event');
  });

  it('asks for fewer at a time when an answer is larger than the client takes, and loses none', async () => {
    const values = { Status: 'Approved', Description: 'x'.repeat(700 << 10) };
    for (const id of ids(1, 16)) {
      const change = { object: 'Order', changeType: 'UPDATE', changedFields: Object.keys(values) };
      org.sf.faults.events.change({ ...change, recordIds: [id], values });
    }
    const w = begin();
    await eventually(() => expect(w.seen()).toEqual(ids(1, 16)));
    expect(new Set(w.ends)).toEqual(new Set(['oversize']));
  });

  it('a repeated event is yielded again and moves no position back', async () => {
    for (const id of ids(1, 3)) org.change(id);
    const w = begin();
    await eventually(() => expect(w.seen()).toHaveLength(3));
    org.sf.faults.repeatLast(ORDERS, 2);
    await eventually(() => expect(w.seen()).toEqual([...ids(1, 3), ...ids(2, 3)]));
    await w.subscription.idle();
    expect(w.saved).toEqual([...w.saved].sort((a, b) => Number(BigInt(a) - BigInt(b))));
  });

  it('the position does not pass an event that comes after a later one', async () => {
    org.sf.faults.disorder(ORDERS, 2);
    org.change(orderId(1));
    org.change(orderId(2));
    const w = begin({ ack: false });
    await eventually(() => expect(w.seen()).toEqual([orderId(2), orderId(1)]));
    w.deliveries[0]?.ack();
    await new Promise((resolve) => setImmediate(resolve));
    expect(w.saved).toEqual([]);
    w.deliveries[1]?.ack();
    await w.subscription.idle();
    expect(w.saved).toEqual([(w.deliveries[0] as { raw: { replayId: string } }).raw.replayId]);
  });
});
