import { parseOrderId } from '../../src/domain/record-id';
import { createDeadLetterRetry, createDeadLetters, StillDeadError, type DeadLetter } from '../../src/listener';
import { eventually } from '../support/eventually';
import { orderId, ORDERS } from './support/org';
import { useListeners } from './support/listeners';
import { configFor, metric, type TestListener } from './support/world';

/** Events that no sane sender sends. Each is survived, the good orders before and after it are served, and what cannot be acted upon is kept. */

const GOOD = [orderId(1), orderId(2)].map((id) => parseOrderId(id));
const world = useListeners();
let t: TestListener;
beforeEach(() => {
  t = world.make();
});

/** The bad event between two good ones; resolves with the letters kept when both good orders are requested. */
async function survive(bad: () => void): Promise<DeadLetter[]> {
  world.org.change(orderId(1));
  bad();
  world.org.change(orderId(2));
  await t.listener.start();
  await eventually(() =>
    expect(t.outside.of('request')).toEqual(expect.arrayContaining(GOOD.map((id) => `request ${id}`))),
  );
  await eventually(async () => {
    const { replayId } = await world.redis.hGetAll(`order-provisioning:listener:{${world.org.sf.orgId}:${ORDERS}}`);
    const last = t.outside.requests.at(-1)?.[1].replayId ?? '';
    expect(BigInt(replayId ?? '0')).toBeGreaterThanOrEqual(BigInt(last));
  });
  return createDeadLetters(world.redis).list();
}
const approve = (recordIds: string[], values: Record<string, string> = {}): void =>
  world.org.sf.faults.events.change({
    object: 'Order',
    changeType: 'UPDATE',
    recordIds,
    values: { Status: 'Approved', ...values },
    changedFields: ['Status', ...Object.keys(values)],
  });

describe('kept, and the stream goes on', () => {
  it.each<[string, () => void, RegExp]>([
    ['truncated Avro', () => world.org.sf.faults.events.truncated(ORDERS), /does not fit its schema/],
    ['a missing header', () => world.org.sf.faults.events.withoutHeader(ORDERS), /no ChangeEventHeader/],
    ['no record ids', () => world.org.sf.faults.events.withoutRecordIds('Order'), /no record id/],
    [
      'an unknown change type',
      () => world.org.sf.faults.events.change({ object: 'Order', changeType: 'MERGE', recordIds: [orderId(3)] }),
      /change type/,
    ],
    ['a quote', () => approve(["801' OR Name LIKE '"]), /1 of 1 record ids/],
    ['a wildcard of SOQL', () => approve(['801%']), /1 of 1 record ids/],
    ['line breaks', () => approve([`${orderId(3)}\r\n`]), /1 of 1 record ids/],
    ['a forged log line', () => approve(['801\n{"level":"fatal"}']), /1 of 1 record ids/],
  ])('%s', async (_name, bad, reason) => {
    const letters = await survive(bad);
    expect(letters).toMatchObject([
      { topic: ORDERS, orgId: world.org.sf.orgId, replayId: expect.stringMatching(/^\d+$/) as string },
    ]);
    expect(letters[0]?.reason).toMatch(reason);
    expect(t.outside.of('request')).toHaveLength(2);
    expect(await metric(t.metrics, 'dead_letters_total', { topic: ORDERS })).toBe(1);
    expect((await createDeadLetters(world.redis).get(letters[0]?.id ?? ''))?.payload.length).toBeGreaterThan(0);
    expect(t.logs.every((line) => !line.includes('OR Name'))).toBe(true);
  });

  it('hostile ids among good ones: the good ones are served', async () => {
    const letters = await survive(() => approve([orderId(3), "'; DROP", orderId(4)]));
    expect(letters).toHaveLength(1);
    expect(t.outside.of('request')).toHaveLength(4);
  });
});

describe('served', () => {
  it('15-character ids, as the same order as 18', async () => {
    const letters = await survive(() => approve([orderId(3), parseOrderId(orderId(3))]));
    expect(letters).toEqual([]);
    expect(t.outside.of('request').filter((request) => request.includes(orderId(3)))).toHaveLength(1);
  });

  it('a field of 1 MB', async () => {
    const letters = await survive(() => approve([orderId(3)], { Description: 'x'.repeat(1 << 20) }));
    expect(letters).toEqual([]);
    expect(t.outside.of('request')).toHaveLength(3);
    expect(t.logs.join('').length).toBeLessThan(1 << 19);
  });

  it('a wildcard id, by a sweep', async () => {
    const letters = await survive(() => world.org.sf.faults.events.wildcard('Order', ['Status']));
    expect(letters).toEqual([]);
    expect(t.outside.of('sweep')).toHaveLength(1);
  });
});

it('the events of other objects on a shared channel are passed over: none is kept, and ours are served', async () => {
  const channels = { ...configFor(world.org).channels, order: '/data/ChangeEvents', orderItem: '/data/ChangeEvents' };
  const shared = world.make({ channels });
  for (const object of ['Account', 'Contact']) {
    world.org.sf.faults.events.change({ object, changeType: 'UPDATE', recordIds: ['001000000000001AAA'] });
  }
  world.org.sf.faults.events.overflow('Account');
  world.org.change(orderId(1));
  await shared.listener.start();
  await eventually(() => expect(shared.outside.of('request')).toEqual([`request ${GOOD[0]}`]));
  expect(await createDeadLetters(world.redis).count()).toBe(0);
  expect(shared.outside.of('sweep')).toEqual([]);
});

it('an event that meets a defect of ours is kept, and does not hold up the topic', async () => {
  const defect = world.make({ customerFacingFields: undefined as never });
  approve([orderId(1)], { Description: 'x' });
  world.org.sf.faults.events.change({
    object: 'Order',
    changeType: 'CREATE',
    recordIds: [orderId(2)],
    values: { Status: 'Approved' },
  });
  await defect.listener.start();
  await eventually(() => expect(defect.outside.of('request')).toEqual([`request ${GOOD[1]}`]));
  await eventually(async () =>
    expect(await createDeadLetters(world.redis).list()).toMatchObject([{ topic: ORDERS, kept: 'whole' }]),
  );
  await eventually(() => expect(defect.listener.status().ready).toBe(true));
});

it('says that a dead letter cannot be kept, and keeps it when Redis takes it again', async () => {
  const memory = (limit: string) => world.redis.configSet('maxmemory', limit);
  // A lease that cannot be renewed meanwhile must not lapse first.
  t = world.make({ limits: { leaseTtlMs: 60_000 } });
  await t.listener.start();
  // A standby is ready as well, and would never be let lead.
  const live = expect.objectContaining({ topic: ORDERS, state: 'live' }) as unknown;
  await eventually(() => expect(t.listener.status().topics).toContainEqual(live));
  await memory('1');
  try {
    world.org.sf.faults.events.truncated(ORDERS);
    await eventually(() => expect(t.logs.join('')).toContain('a dead letter cannot be kept'));
  } finally {
    await memory('0');
  }
  await eventually(async () => expect(await createDeadLetters(world.redis).count()).toBe(1));
});

describe('a dead letter', () => {
  const retryDeps = () => ({
    config: configFor(world.org),
    login: world.org.login,
    targets: { workflows: t.outside.workflows, caches: t.outside.caches },
  });

  it('is kept once, however often the event comes', async () => {
    await survive(() => world.org.sf.faults.events.truncated(ORDERS));
    world.org.sf.faults.repeatLast(ORDERS, 3);
    await eventually(async () => expect(await metric(t.metrics, 'dead_letters_total')).toBe(2));
    expect(await createDeadLetters(world.redis).count()).toBe(1);
  });

  it('that still makes no sense stays where it is; a discarded one is gone', async () => {
    const [letter] = await survive(() => world.org.sf.faults.events.truncated(ORDERS));
    const letters = createDeadLetters(world.redis);
    const id = letter?.id ?? '';
    await expect(letters.retry(id, createDeadLetterRetry(retryDeps()))).rejects.toThrow(StillDeadError);
    expect(await letters.count()).toBe(1);
    expect(await letters.discard(id)).toBe(true);
    expect(await letters.discard(id)).toBe(false);
    expect(await letters.retry(id, () => Promise.resolve())).toBe(false);
  });

  it('that makes sense now is acted upon and gone', async () => {
    await t.listener.start();
    const { schemaId, payload, replayId } = await eventOf(orderId(5));
    const letters = createDeadLetters(world.redis);
    const about = {
      orgId: world.org.sf.orgId,
      topic: ORDERS,
      replayId,
      eventId: 'e',
      schemaId,
      reason: 'a defect since mended',
    };
    const { id } = await letters.add({ ...about, payload });
    const before = t.outside.of('request').length;
    expect(await letters.retry(id, createDeadLetterRetry(retryDeps()))).toBe(true);
    expect(t.outside.of('request')).toHaveLength(before + 1);
    expect(await letters.count()).toBe(0);
    expect(world.org.open()).toBe(1);
  });

  it('whose payload was not kept stays where it is, and says why', async () => {
    const letters = createDeadLetters(world.redis, { bytes: 0, letters: 10, payloadsLastMs: 60_000 });
    const about = { orgId: world.org.sf.orgId, topic: ORDERS, replayId: '1', eventId: 'e', schemaId: 's', reason: 'r' };
    const { id } = await letters.add({ ...about, payload: Buffer.from('x') });
    await expect(letters.retry(id, createDeadLetterRetry(retryDeps()))).rejects.toThrow(/payload was not kept/);
    expect(await letters.count()).toBe(1);
  });

  it('of another org is not retried here', async () => {
    const letters = createDeadLetters(world.redis);
    const about = {
      orgId: '00DQy0000009zZzMAI',
      topic: ORDERS,
      replayId: '1',
      eventId: 'e',
      schemaId: 's',
      reason: 'r',
    };
    const { id } = await letters.add({ ...about, payload: Buffer.from('x') });
    await expect(letters.retry(id, createDeadLetterRetry(retryDeps()))).rejects.toThrow(/is of org/);
  });

  /** A sound event as it lies on the bus. */
  async function eventOf(recordId: string) {
    world.org.change(recordId);
    const stored = world.org.sf.events.topics.get(ORDERS)?.log.last(1)[0];
    if (stored === undefined) throw new Error('no event');
    await eventually(() => expect(t.outside.of('request').join()).toContain(recordId));
    return { schemaId: stored.schemaId, payload: stored.payload, replayId: stored.position.toString() };
  }
});
