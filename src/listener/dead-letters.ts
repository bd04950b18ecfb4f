import { createHash } from 'node:crypto';
import { limited } from '../limits/time-limit';
import { DISCARD, KEEP } from './dead-letter-scripts';
import { DEAD_LETTER_INDEX_KEY, DEAD_LETTER_PAYLOAD_KEY, type ListenerRedis } from './redis';

/** An event that could not be acted upon, or not in full. */
export interface DeadLetter {
  /** Short, and the same for the same event however often it comes. */
  id: string;
  orgId: string;
  topic: string;
  replayId: string;
  eventId: string;
  schemaId: string;
  /** For a person; holds no payload. */
  reason: string;
  /** ISO 8601. */
  at: string;
  /** Bytes of the payload. */
  size: number;
  /** `described`: without its payload, because there was no room for it, or it has been there for too long. */
  kept: 'whole' | 'described';
}

/** With the Avro payload as it came over the wire: it holds whatever the record holds. Empty where it is only `described`. */
export interface DeadLetterWithPayload extends DeadLetter {
  payload: Buffer;
}

/** What was made of an event; `counted`: there was room for nothing more than the metric and a line of the log. */
export type KeptLetter = Omit<DeadLetter, 'kept'> & { kept: DeadLetter['kept'] | 'counted' };

/** Redis holds checkpoints and leases as well, and must not be filled by events that nobody can act upon. */
export interface DeadLetterLimits {
  /** Of all payloads together, as they are stored. */
  bytes: number;
  letters: number;
  /** Payloads hold customers' data: how long they stay after the last one was kept, ms. */
  payloadsLastMs: number;
}
const LIMITS: DeadLetterLimits = { bytes: 32 << 20, letters: 20_000, payloadsLastMs: 30 * 24 * 3_600_000 };

export interface DeadLetters {
  /** Keeps as much of an event as there is room for. Repeating it is harmless. */
  add(letter: Omit<DeadLetterWithPayload, 'id' | 'at' | 'size' | 'kept'>): Promise<KeptLetter>;
  /** Oldest first. */
  list(): Promise<DeadLetter[]>;
  get(id: string): Promise<DeadLetterWithPayload | undefined>;
  /** Lets `again` have the event, and discards it once that resolves. False where there is no such letter. */
  retry(id: string, again: (letter: DeadLetterWithPayload) => Promise<void>): Promise<boolean>;
  /** False where there was none. */
  discard(id: string): Promise<boolean>;
  count(): Promise<number>;
}

/** Letters of one moment in the order of their stream. */
function oldestFirst(a: DeadLetter, b: DeadLetter): number {
  return (
    a.at.localeCompare(b.at) ||
    a.topic.localeCompare(b.topic) ||
    a.replayId.length - b.replayId.length ||
    a.replayId.localeCompare(b.replayId)
  );
}

export function createDeadLetters(redis: ListenerRedis, limits: DeadLetterLimits = LIMITS): DeadLetters {
  const keys = [DEAD_LETTER_INDEX_KEY, DEAD_LETTER_PAYLOAD_KEY];

  async function discard(id: string): Promise<boolean> {
    return Number(await limited(redis.eval(DISCARD, { keys, arguments: [id] }))) > 0;
  }

  async function get(id: string): Promise<DeadLetterWithPayload | undefined> {
    const [entry, payload] = await Promise.all([
      limited(redis.hGet(DEAD_LETTER_INDEX_KEY, id)),
      limited(redis.hGet(DEAD_LETTER_PAYLOAD_KEY, id)),
    ]);
    if (entry === null) return undefined;
    return { ...letterOf(entry, payload !== null), payload: Buffer.from(payload ?? '', 'base64') };
  }

  return {
    get,
    discard,
    async add({ payload, ...about }) {
      const id = idOf(about);
      const letter = { id, ...about, at: new Date().toISOString(), size: payload.length };
      const room = [limits.bytes, limits.letters, limits.payloadsLastMs].map(String);
      const args = [id, JSON.stringify(letter), payload.toString('base64'), ...room];
      const kept = (await limited(redis.eval(KEEP, { keys, arguments: args }))) as KeptLetter['kept'];
      return { ...letter, kept };
    },
    async list() {
      const [entries, whole] = await Promise.all([
        limited(redis.hGetAll(DEAD_LETTER_INDEX_KEY)),
        limited(redis.hKeys(DEAD_LETTER_PAYLOAD_KEY)),
      ]);
      const withPayload = new Set(whole);
      return Object.entries(entries)
        .map(([id, entry]) => letterOf(entry, withPayload.has(id)))
        .sort(oldestFirst);
    },
    async retry(id, again) {
      const letter = await get(id);
      if (letter === undefined) return false;
      await again(letter);
      await discard(id);
      return true;
    },
    async count() {
      return limited(redis.hLen(DEAD_LETTER_INDEX_KEY));
    },
  };
}

function letterOf(entry: string, hasPayload: boolean): DeadLetter {
  return { ...(JSON.parse(entry) as Omit<DeadLetter, 'kept'>), kept: hasPayload ? 'whole' : 'described' };
}

function idOf({ orgId, topic, replayId }: Pick<DeadLetter, 'orgId' | 'topic' | 'replayId'>): string {
  return createHash('sha256').update([orgId, topic, replayId].join('\n')).digest('hex').slice(0, 12);
}
