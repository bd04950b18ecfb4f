import { limited } from '../limits/time-limit';
import { topicKey, topicsKey, type ListenerRedis } from './redis';
import { parseReplayId, replayIdOrUndefined, type ReplayId } from './subscription';
import { OVERWRITE } from './topic-scripts';

/** Where a topic stands, as Redis has it. */
export interface Checkpoint {
  topic: string;
  /** As it is stored, also where it is not a replay id; undefined where there is none. */
  replayId: string | undefined;
  /** When the place was saved or set, epoch ms by Redis's clock. */
  savedAt: number | undefined;
  /** A person has set it, and no listener has saved a place since. */
  setByHand: boolean;
  /** Fencing token: grows with each change of hands. */
  token: number;
  /** Who holds the lease now; undefined where nobody does. */
  leader: string | undefined;
  /** Which mode provisioned last: `cdc` or `dual`. */
  mode: string | undefined;
  /** Who kept the place last: `redis`, or `salesforce` (a managed subscription). */
  keeper: string | undefined;
}

/** Another listener is at work on the topic, and would overwrite what is set. */
export class CheckpointInUseError extends Error {
  override readonly name = 'CheckpointInUseError';
  constructor(topic: string, leader: string) {
    super(
      `A listener (${leader}) is at work on ${topic}. Stop it first, or force it: it will start again from what you set`,
    );
  }
}

export interface Checkpoints {
  /** Every topic of the org that was ever listened to, by name. */
  show(): Promise<Checkpoint[]>;
  get(topic: string): Promise<Checkpoint>;
  /**
   * Sets where the topic goes on: after this replay id. With `force` also under a listener at work, which is fenced off and
   * starts again from here.
   * @throws CheckpointInUseError without `force`; RangeError where `replayId` is none.
   */
  set(topic: string, replayId: string, options?: { force?: boolean }): Promise<void>;
}

/** The checkpoints of one org. @throws ProvisioningFailure `INVALID_ID` where `orgId` is no id. */
export function createCheckpoints(redis: ListenerRedis, orgId: string): Checkpoints {
  const indexKey = topicsKey(orgId);

  async function get(topic: string): Promise<Checkpoint> {
    const hash = await limited(redis.hGetAll(topicKey(orgId, topic)));
    const { replayId, savedAt, token, holder, until, mode, keeper, setByHand } = hash as Partial<
      Record<string, string>
    >;
    // Against this machine's clock: for show only. Whoever writes is judged by Redis's.
    const leased = holder !== undefined && holder !== '' && Number(until) > Date.now();
    return {
      topic,
      replayId,
      savedAt: savedAt === undefined ? undefined : Number(savedAt),
      setByHand: setByHand === '1',
      token: Number(token ?? 0),
      leader: leased ? holder : undefined,
      mode,
      keeper,
    };
  }

  return {
    get,
    async show() {
      const topics = await limited(redis.sMembers(indexKey));
      return Promise.all(topics.sort().map(get));
    },
    async set(topic, replayId, { force = false } = {}) {
      const id = parseReplayId(replayId);
      const keys = [topicKey(orgId, topic)];
      const leader = await limited(redis.eval(OVERWRITE, { keys, arguments: [id, force ? '1' : '0'] }));
      if (typeof leader === 'string' && leader !== '') throw new CheckpointInUseError(topic, leader);
      await limited(redis.sAdd(indexKey, topic));
    },
  };
}

/** What a stored checkpoint says: nothing, a place, or something that is no place. */
export function placeOf({
  replayId,
}: Checkpoint): { kind: 'none' } | { kind: 'after'; id: ReplayId } | { kind: 'corrupted' } {
  if (replayId === undefined) return { kind: 'none' };
  const id = replayIdOrUndefined(replayId);
  return id === undefined ? { kind: 'corrupted' } : { kind: 'after', id };
}
