import { eventually } from '../support/eventually';
import { ProvisioningFailure } from '../../src/domain/failure';
import { parseOrderId } from '../../src/domain/record-id';
import { createCheckpoints, createDeadLetters } from '../../src/listener';
import { ITEMS, orderId, ORDERS, REQUESTS, startOrg } from './support/org';
import { useListeners } from './support/listeners';
import { makeListener, metric, Outside, type TestListener } from './support/world';

const full = (n: number) => parseOrderId(orderId(n));
const world = useListeners();
const start: typeof world.start = (...args) => world.start(...args);
const checkpoint: typeof world.checkpoint = (...args) => world.checkpoint(...args);
const ready = (t: TestListener) =>
  eventually(() => expect(t.listener.status()).toMatchObject({ ready: true, role: 'leader' }));
describe('the listener', () => {
  it('requests an approved order and invalidates its view, and keeps its place', async () => {
    world.org.change(orderId(1));
    const t = await start();
    await eventually(() => expect(t.outside.done.sort()).toEqual([`order ${full(1)}`, `request ${full(1)}`]));
    expect(t.outside.requests[0]?.[1]).toEqual({
      trigger: 'cdc',
      replayId: expect.stringMatching(/^\d+$/) as string,
      approvedAt: expect.any(Number) as number,
    });
    await eventually(async () => expect(await checkpoint()).toBe(t.outside.requests[0]?.[1].replayId));
    await ready(t);
    expect(t.logs.join('')).not.toMatch(/accessToken|00D[^"]{12,}!/);
  });

  it('provisions by platform event in dual mode, with who, how urgent and why; CDC only invalidates', async () => {
    const t = await start({ channels: { ...dual() } });
    world.org.change(orderId(1));
    world.org.sf.events.publishPlatformEvent(
      'Order_Fulfilment_Requested__e',
      { OrderId__c: full(2), RequestedBy__c: 'portal', Priority__c: 'High', CorrelationId__c: 'c-7' },
      world.org.sf.salesUserId,
    );
    await eventually(() => expect(t.outside.done.sort()).toEqual([`order ${full(1)}`, `request ${full(2)}`]));
    expect(t.outside.requests[0]?.[1]).toMatchObject({
      trigger: 'platform-event',
      requestedBy: 'portal',
      priority: 1,
      correlationId: 'c-7',
    });
  });

  it('a platform event without an order id is kept, and the stream goes on', async () => {
    const t = await start({ channels: { ...dual() } });
    for (const OrderId__c of ['nonsense', full(3)]) {
      world.org.sf.events.publishPlatformEvent(
        'Order_Fulfilment_Requested__e',
        { OrderId__c },
        world.org.sf.salesUserId,
      );
    }
    await eventually(() => expect(t.outside.of('request')).toEqual([`request ${full(3)}`]));
    await eventually(async () =>
      expect(await createDeadLetters(world.redis).list()).toMatchObject([{ topic: REQUESTS }]),
    );
  });

  it('waits while the outside world is down, with the stream starved, and then does all in order', async () => {
    const outside = new Outside();
    outside.down = true;
    for (let n = 1; n <= 30; n++) world.org.change(orderId(n));
    const t = await start({ limits: { window: 10 } }, { outside });
    await eventually(() => expect(outside.attempts).toBeGreaterThan(40));
    expect(world.org.sf.pubsub.stats().eventsDelivered[ORDERS]).toBe(10);
    expect(await checkpoint()).toBeUndefined();
    outside.down = false;
    await eventually(() => expect(outside.of('request')).toHaveLength(30));
    await eventually(async () => expect(await checkpoint()).toBe(t.outside.requests.at(-1)?.[1].replayId));
    expect(new Set(outside.of('request')).size).toBe(30);
  });

  it('keeps the order of events within an order, and does not let one slow order hold up another', async () => {
    const outside = new Outside();
    const open = outside.shut(`request ${full(1)}`);
    const t = await start({}, { outside });
    world.org.change(orderId(1));
    world.org.change(orderId(1), 'Cancelled');
    world.org.change(orderId(2));
    await eventually(() => expect(outside.of('request')).toEqual([`request ${full(2)}`]));
    expect(outside.of('tell')).toEqual([]);
    expect(await checkpoint()).toBeUndefined();
    open();
    await eventually(() => expect(outside.of('tell')).toEqual([`tell ${full(1)} cancelled`]));
    await eventually(async () => expect(await checkpoint()).toBe(t.outside.requests[0]?.[1].replayId));
  });

  it('invalidates while Temporal answers nothing, and however many approvals wait for it', async () => {
    const outside = new Outside();
    const open = outside.shut('request');
    for (let n = 1; n <= 30; n++) world.org.change(orderId(n));
    await start({ limits: { concurrency: 5 } }, { outside });
    await eventually(() => expect(outside.of('order')).toHaveLength(30));
    expect(outside.of('request')).toEqual([]);
    open();
    await eventually(() => expect(outside.of('request')).toHaveLength(30));
  });

  it('sweeps and flushes on an overflow before anything that follows', async () => {
    const outside = new Outside();
    const open = outside.shut('sweep');
    const t = await start({}, { outside });
    world.org.change(orderId(1));
    world.org.sf.faults.events.overflow('Order');
    world.org.change(orderId(2));
    // All three have been decided on, the flush is done, and the sweep is under way.
    await eventually(async () => expect(await metric(t.metrics, 'events_total', { topic: ORDERS })).toBe(3));
    await eventually(() => expect(outside.done).toContain('all'));
    expect(outside.of('request')).toEqual([`request ${full(1)}`]);
    const before = outside.requests[0]?.[1].replayId;
    await eventually(async () => expect(await checkpoint()).toBe(before));
    open();
    await eventually(() => expect(outside.of('request')).toEqual([1, 2].map((n) => `request ${full(n)}`)));
    expect(outside.of('sweep')).toHaveLength(1);
    expect(await metric(t.metrics, 'sweeps_total')).toBe(1);
  });

  it('after four days down: sweeps, flushes, and reads the topic from its beginning', async () => {
    world.org.change(orderId(1));
    const first = await start();
    await eventually(async () => expect(await checkpoint()).toBeDefined());
    await first.listener.stop();
    const { replayId: before, savedAt } = await createCheckpoints(world.redis, world.org.sf.orgId).get(ORDERS);
    world.org.sf.clock.advance(4 * 24 * 3600_000);
    world.org.change(orderId(2));
    const outside = new Outside();
    outside.down = true;
    const t = await start({}, { outside });
    await eventually(() => expect(outside.attempts).toBeGreaterThan(4));
    expect(t.listener.status().topics).toContainEqual(
      expect.objectContaining({ topic: ORDERS, state: 'position-lost' }),
    );
    expect(t.listener.status().ready).toBe(false);
    outside.down = false;
    await eventually(() => expect(outside.of('request')).toEqual([`request ${full(2)}`]));
    expect(outside.done).toContain(`sweep OrderChangeEvent-${before}`);
    // From an hour before the place was saved, so that orders which were approved anew meanwhile are found.
    expect(outside.sweptSince).toEqual([(savedAt ?? 0) - 3_600_000]);
    expect(outside.done.indexOf('all')).toBeLessThan(outside.done.indexOf(`request ${full(2)}`));
    await eventually(async () => expect(await checkpoint()).not.toBe(before));
  });

  it.each(['', 'not-a-number', '-5', '99999999999999999999999'])(
    'an unreadable checkpoint (%p) is made good for by a sweep',
    async (stored) => {
      await world.redis.hSet(`order-provisioning:listener:{${world.org.sf.orgId}:${ORDERS}}`, 'replayId', stored);
      world.org.change(orderId(1));
      const t = await start({ replayFrom: 'latest' });
      await eventually(() => expect(t.outside.of('request')).toEqual([`request ${full(1)}`]));
      expect(t.outside.done).toContain('sweep OrderChangeEvent-unreadable');
    },
  );

  it('a replay id from another topic is refused by Salesforce and made good for', async () => {
    world.org.sf.faults.events.change({ object: 'OrderItem', changeType: 'UPDATE', recordIds: ['802000000000001'] });
    const first = await start();
    await eventually(async () => expect(await checkpoint(ITEMS)).toBeDefined());
    await first.listener.stop();
    await createCheckpoints(world.redis, world.org.sf.orgId).set(ORDERS, (await checkpoint(ITEMS)) ?? '');
    world.org.change(orderId(1));
    const t = await start();
    await eventually(() => expect(t.outside.of('request')).toContain(`request ${full(1)}`));
    expect(t.outside.of('sweep')).toHaveLength(1);
  });

  it('checkpoints of two orgs in one Redis do not mix', async () => {
    const other = await startOrg({ orgId: '00DQy0000009zZzMAI' });
    const b = makeListener(other, world.redis);
    try {
      world.org.change(orderId(1));
      for (const n of [2, 3]) other.change(orderId(n));
      const a = await start();
      await b.listener.start();
      await eventually(() => expect(a.outside.of('request')).toEqual([`request ${full(1)}`]));
      await eventually(() =>
        expect(b.outside.of('request').sort()).toEqual([`request ${full(2)}`, `request ${full(3)}`]),
      );
      await eventually(async () => {
        const theirs = (await createCheckpoints(world.redis, other.sf.orgId).get(ORDERS)).replayId;
        expect(theirs).toBe(b.outside.requests.at(-1)?.[1].replayId);
        expect(await checkpoint()).toBe(a.outside.requests[0]?.[1].replayId);
      });
    } finally {
      await b.listener.stop();
      await other.sf.close();
    }
  });

  it('a change of mode while orders flow is swept for', async () => {
    const cdc = await start();
    world.org.change(orderId(1));
    await eventually(() => expect(cdc.outside.of('request')).toHaveLength(1));
    await cdc.listener.stop();
    // Approved before the flow publishes platform events, read by a listener that no longer provisions from CDC.
    world.org.change(orderId(2));
    const t = await start({ channels: { ...dual() } });
    await eventually(() =>
      expect(t.outside.of('sweep')).toEqual([expect.stringMatching(/^sweep OrderChangeEvent-mode-dual/)]),
    );
    await eventually(() => expect(t.outside.done).toContain(`order ${full(2)}`));
    await t.listener.stop();
    const again = await start({ channels: { ...dual() } });
    await ready(again);
    expect(again.outside.of('sweep')).toEqual([]);
  });

  it('turns red and does not hammer the login when credentials are refused', async () => {
    let logins = 0;
    let refused = true;
    const login = () => {
      logins++;
      if (refused)
        return Promise.reject(new ProvisioningFailure({ code: 'SF_CREDENTIALS_REFUSED', message: 'invalid_client' }));
      return world.org.login();
    };
    const t = await start({ limits: { refusedRetryMs: 400 } }, { login });
    await eventually(() => expect(t.listener.status().reasons.join()).toMatch(/refuses the login/));
    expect(t.listener.status().ready).toBe(false);
    expect(logins).toBeLessThan(3);
    refused = false;
    await ready(t);
  });

  it('a topic whose schema cannot be had is red and keeps its place; the others go on', async () => {
    const t = await start();
    await ready(t);
    world.org.sf.faults.failSchema({ topic: ORDERS });
    world.org.change(orderId(1));
    world.org.sf.faults.events.change({ object: 'OrderItem', changeType: 'UPDATE', recordIds: ['802000000000001'] });
    await eventually(() => expect(t.outside.of('items')).toHaveLength(1));
    await eventually(async () => {
      await t.metrics.metrics();
      expect(await metric(t.metrics, 'topic_red', { topic: ORDERS, cause: 'schema' })).toBe(1);
    });
    await eventually(() => expect(t.listener.status().reasons.join()).toMatch(/OrderChangeEvent: schema/));
    expect(await createDeadLetters(world.redis).count()).toBe(0);
    world.org.sf.faults.clear();
    await eventually(() => expect(t.outside.of('request')).toEqual([`request ${full(1)}`]));
    await ready(t);
  });

  it('says when it was approved, of an event that tells of it; a gap event tells of no approval', async () => {
    const t = await start();
    world.org.sf.faults.events.gap('Order', 'GAP_UPDATE', [full(1)]);
    await eventually(() => expect(t.outside.requests).toHaveLength(1));
    expect(t.outside.requests[0]?.[1]).toEqual({ trigger: 'cdc', replayId: expect.stringMatching(/^\d+$/) as string });
    world.org.change(orderId(2));
    await eventually(() => expect(t.outside.requests).toHaveLength(2));
    expect(t.outside.requests[1]?.[1].approvedAt).toBeGreaterThan(Date.now() - 600_000);
  });

  it('goes past an event whose schema nobody knows as the runbook says, and takes those before and after it', async () => {
    world.org.change(orderId(1));
    world.org.sf.faults.events.unknownSchema(ORDERS);
    world.org.change(orderId(2));
    const t = await start();
    const named = await eventually(() => {
      const found = /schema \S+ of event (\d+): /.exec(t.listener.status().reasons.join());
      expect(found).not.toBeNull();
      return found?.[1] ?? '';
    });
    expect(t.outside.of('request')).toEqual([`request ${full(1)}`]);
    await t.listener.stop();
    await createCheckpoints(world.redis, world.org.sf.orgId).set(ORDERS, named);
    const next = await start();
    await eventually(() => expect(next.outside.of('request')).toEqual([`request ${full(2)}`]));
    await ready(next);
  });

  it('leads again after its Redis was emptied under it, and loses nothing', async () => {
    world.org.change(orderId(1));
    const t = await start();
    await eventually(async () => expect(await checkpoint()).toBeDefined());
    await world.redis.flushAll();
    world.org.change(orderId(2));
    await eventually(() => expect(t.outside.of('request')).toContain(`request ${full(2)}`));
    await eventually(async () => expect(await checkpoint()).toBe(t.outside.requests.at(-1)?.[1].replayId));
    await ready(t);
  });

  it('stops gracefully: finishes what is in hand, saves, releases', async () => {
    const outside = new Outside();
    const open = outside.shut('request');
    for (let n = 1; n <= 5; n++) world.org.change(orderId(n));
    const t = await start({}, { outside });
    await eventually(() => expect(outside.attempts).toBe(10));
    const stopped = t.listener.stop();
    await eventually(() => expect(world.org.open()).toBe(0));
    open();
    await stopped;
    expect(outside.of('request')).toHaveLength(5);
    expect(await checkpoint()).toBe(t.outside.requests.at(-1)?.[1].replayId);
    const { leader } = await createCheckpoints(world.redis, world.org.sf.orgId).get(ORDERS);
    expect(leader).toBeUndefined();
  });

  it('a standby is ready, says so, and takes over from a leader that stops', async () => {
    const a = await start();
    await ready(a);
    await eventually(() => expect(a.listener.status().topics.every((topic) => topic.role === 'leader')).toBe(true));
    const b = await start();
    await eventually(() => expect(b.listener.status()).toMatchObject({ ready: true, role: 'standby' }));
    expect(world.org.open()).toBe(1);
    await a.listener.stop();
    world.org.change(orderId(1));
    await eventually(() => expect(b.outside.of('request')).toEqual([`request ${full(1)}`]));
    await ready(b);
  });
});

function dual() {
  return {
    order: ORDERS,
    orderItem: ITEMS,
    product: '/data/Product2ChangeEvent',
    pricebookEntry: '/data/PricebookEntryChangeEvent',
    provisionEvent: REQUESTS,
  };
}
