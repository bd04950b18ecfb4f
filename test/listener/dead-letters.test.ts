import { createDeadLetters, type DeadLetterLimits } from '../../src/listener';
import { DEAD_LETTER_INDEX_KEY, DEAD_LETTER_PAYLOAD_KEY } from '../../src/listener/redis';
import { freshRedis } from '../support/servers';
import { connectRedis, type TestRedis } from './support/world';

/** Dead letters share a Redis with checkpoints and leases: however many come, it must not be filled by them. */

let server: Awaited<ReturnType<typeof freshRedis>>;
let redis: TestRedis;

beforeAll(async () => {
  server = await freshRedis();
  redis = await connectRedis(server.url);
});
afterAll(async () => {
  redis.destroy();
  await server.stop();
});
beforeEach(() => redis.flushAll());

const WEEK = 7 * 24 * 3_600_000;
/** Each payload is 30 bytes, which are 40 as they are stored. */
const STORED = 40;
const letter = (n: number) => ({
  orgId: '00D000000000000EAA',
  topic: '/data/OrderChangeEvent',
  replayId: String(n),
  eventId: 'e',
  schemaId: 's',
  reason: 'the event has no ChangeEventHeader',
  payload: Buffer.alloc(30, n),
});
const open = (limits: Partial<DeadLetterLimits> = {}) =>
  createDeadLetters(redis, { bytes: 3 * STORED, letters: 5, payloadsLastMs: WEEK, ...limits });
const bytes = async () => (await redis.hVals(DEAD_LETTER_PAYLOAD_KEY)).filter((text) => text.length === STORED).length;

describe('dead letters', () => {
  it('keep payloads while there is room, then descriptions, then nothing; each says which', async () => {
    const letters = open();
    const kept: string[] = [];
    for (let n = 1; n <= 7; n++) kept.push((await letters.add(letter(n))).kept);
    expect(kept).toEqual(['whole', 'whole', 'whole', 'described', 'described', 'counted', 'counted']);
    expect((await letters.list()).map((one) => one.kept)).toEqual(kept.slice(0, 5));
    expect(await letters.count()).toBe(5);
    expect(await bytes()).toBe(3);
  });

  it('give back the room of one that is discarded, once', async () => {
    const letters = open();
    const ids: string[] = [];
    for (let n = 1; n <= 4; n++) ids.push((await letters.add(letter(n))).id);
    expect(await letters.discard(ids[0] ?? '')).toBe(true);
    expect(await letters.discard(ids[0] ?? '')).toBe(false);
    expect(await letters.discard(ids[3] ?? '')).toBe(true);
    expect((await letters.add(letter(5))).kept).toBe('whole');
    expect((await letters.add(letter(6))).kept).toBe('described');
  });

  it('a repeated event takes no more room, and what was described is kept whole once there is room', async () => {
    const letters = open();
    for (let n = 0; n < 5; n++) expect((await letters.add(letter(1))).kept).toBe('whole');
    const [second, , fourth] = [
      await letters.add(letter(2)),
      await letters.add(letter(3)),
      await letters.add(letter(4)),
    ];
    expect([second.kept, fourth.kept]).toEqual(['whole', 'described']);
    await letters.discard(second.id);
    expect((await letters.add(letter(4))).kept).toBe('whole');
    expect((await letters.get(fourth.id))?.payload).toEqual(letter(4).payload);
  });

  it('payloads do not stay for ever; what is told of the event does', async () => {
    const letters = open();
    const { id } = await letters.add(letter(1));
    const left = await redis.pTTL(DEAD_LETTER_PAYLOAD_KEY);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(WEEK);
    expect(await redis.pTTL(DEAD_LETTER_INDEX_KEY)).toBe(-1);
    // As Redis does when that time is over.
    await redis.del(DEAD_LETTER_PAYLOAD_KEY);
    expect(await letters.get(id)).toMatchObject({ kept: 'described', payload: Buffer.alloc(0) });
    for (let n = 2; n <= 4; n++) expect((await letters.add(letter(n))).kept).toBe('whole');
  });
});
