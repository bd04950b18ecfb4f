import { createCheckpoints, CheckpointInUseError } from '../../src/listener';
import { acquireLease, LeaseLostError, type Lease } from '../../src/listener/lease';
import { topicKey } from '../../src/listener/redis';
import { parseReplayId } from '../../src/listener/subscription';
import { eventually } from '../support/eventually';
import { freshRedis } from '../support/servers';
import { connectRedis, type TestRedis } from './support/world';

const ORG = '00DQy0000001aBcMAI';
const TOPIC = '/data/OrderChangeEvent';
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

const acquire = (holder: string, ttlMs = 60_000, graceMs = 0) =>
  acquireLease({ redis, orgId: ORG, topic: TOPIC, holder, ttlMs }, graceMs);
const won = async (...args: Parameters<typeof acquire>): Promise<Lease> => {
  const lease = await acquire(...args);
  if (lease === undefined) throw new Error('not acquired');
  return lease;
};
const at = (n: number) => parseReplayId(String(n));
const saved = async () => (await createCheckpoints(redis, ORG).get(TOPIC)).replayId;

describe('a lease', () => {
  it('has one holder', async () => {
    await won('a');
    expect(await acquire('b')).toBeUndefined();
  });

  it('goes to another when it lapses, with a higher token, and the old holder can do nothing any more', async () => {
    const old = await won('a', 50);
    await old.save(at(5));
    const next = await eventually(() => won('b'));
    expect(next.token).toBeGreaterThan(old.token);
    await next.save(at(7));
    expect(old.held).toBe(false);
    await expect(old.save(at(6))).rejects.toThrow(LeaseLostError);
    await expect(old.renew()).rejects.toThrow(LeaseLostError);
    await expect(old.confirm()).rejects.toThrow(LeaseLostError);
    await old.release();
    expect(await saved()).toBe('7');
    expect(await acquire('c')).toBeUndefined();
  });

  it('that lapsed and that nobody took is held again', async () => {
    const lease = await won('a', 30);
    await eventually(() => expect(lease.held).toBe(false));
    await lease.confirm();
    expect(lease.held).toBe(true);
  });

  it('is free at once when it is released', async () => {
    await (await won('a')).release();
    expect(await acquire('b')).toBeDefined();
  });

  it('is refused to the same holder under an older token', async () => {
    const old = await won('a');
    const next = await won('a');
    await expect(old.save(at(1))).rejects.toThrow(LeaseLostError);
    await next.save(at(2));
    expect(await saved()).toBe('2');
  });

  it('does not survive a Redis that lost its data, even where tokens begin anew', async () => {
    const old = await won('a');
    await redis.flushAll();
    const next = await won('b');
    expect(next.token).toBe(old.token);
    await expect(old.save(at(1))).rejects.toThrow(LeaseLostError);
  });

  it('is left to others for a while by who only follows', async () => {
    expect(await acquire('follower', 60_000, 200)).toBeUndefined();
    await eventually(async () => expect(await acquire('follower', 60_000, 200)).toBeDefined());
  });
});

describe('checkpoints', () => {
  it('are shown, and set where nobody is at work', async () => {
    const checkpoints = createCheckpoints(redis, ORG);
    await checkpoints.set(TOPIC, '0042');
    expect(await checkpoints.show()).toMatchObject([{ topic: TOPIC, replayId: '42', leader: undefined }]);
    await expect(checkpoints.set(TOPIC, 'yesterday')).rejects.toThrow(RangeError);
  });

  it('are as old as their place, whatever else is remembered', async () => {
    const lease = await won('a');
    await lease.save(at(5));
    await redis.hSet(topicKey(ORG, TOPIC), 'savedAt', '1000');
    await lease.remember({ mode: 'dual', keeper: 'redis' });
    const checkpoints = createCheckpoints(redis, ORG);
    expect(await checkpoints.get(TOPIC)).toMatchObject({ savedAt: 1000, mode: 'dual', keeper: 'redis' });
  });

  it('know whether a person has set them, until a listener saves the next', async () => {
    const checkpoints = createCheckpoints(redis, ORG);
    await checkpoints.set(TOPIC, '7');
    expect(await checkpoints.get(TOPIC)).toMatchObject({ replayId: '7', setByHand: true });
    await (await won('a')).save(at(8));
    expect(await checkpoints.get(TOPIC)).toMatchObject({ replayId: '8', setByHand: false });
  });

  it('under a listener at work are set by force only, and fence it off', async () => {
    const lease = await won('a');
    const checkpoints = createCheckpoints(redis, ORG.slice(0, 15));
    await expect(checkpoints.set(TOPIC, '1')).rejects.toThrow(CheckpointInUseError);
    await checkpoints.set(TOPIC, '1', { force: true });
    await expect(lease.save(at(9))).rejects.toThrow(LeaseLostError);
    expect(await saved()).toBe('1');
  });

  it('of two orgs have keys of their own; an id that is none is refused', () => {
    expect(topicKey(ORG, TOPIC)).not.toBe(topicKey('00DQy0000009zZzMAI', TOPIC));
    expect(() => topicKey('nonsense', TOPIC)).toThrow(/not a Salesforce record id/);
  });
});
