import { createHash } from 'node:crypto';
import { DEAD_LETTER_INDEX_KEY, DEAD_LETTER_PAYLOAD_KEY, limited, type ListenerRedis } from './redis';

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
}

/** With the Avro payload as it came over the wire: it holds whatever the record holds. */
export interface DeadLetterWithPayload extends DeadLetter {
  payload: Buffer;
}

export interface DeadLetters {
  /** Keeps an event. Repeating it is harmless. */
  add(letter: Omit<DeadLetterWithPayload, 'id' | 'at' | 'size'>): Promise<DeadLetter>;
  /** Oldest first. */
  list(): Promise<DeadLetter[]>;
  get(id: string): Promise<DeadLetterWithPayload | undefined>;
  /** Lets `again` have the event, and discards it once that resolves. False where there is no such letter. */
  retry(id: string, again: (letter: DeadLetterWithPayload) => Promise<void>): Promise<boolean>;
  /** False where there was none. */
  discard(id: string): Promise<boolean>;
  count(): Promise<number>;
}

export function createDeadLetters(redis: ListenerRedis): DeadLetters {
  async function discard(id: string): Promise<boolean> {
    const existed = await limited(redis.hDel(DEAD_LETTER_INDEX_KEY, id));
    await limited(redis.hDel(DEAD_LETTER_PAYLOAD_KEY, id));
    return existed > 0;
  }

  async function get(id: string): Promise<DeadLetterWithPayload | undefined> {
    const [entry, payload] = await Promise.all([
      limited(redis.hGet(DEAD_LETTER_INDEX_KEY, id)),
      limited(redis.hGet(DEAD_LETTER_PAYLOAD_KEY, id)),
    ]);
    if (entry === null) return undefined;
    return { ...(JSON.parse(entry) as DeadLetter), payload: Buffer.from(payload ?? '', 'base64') };
  }

  return {
    get,
    discard,
    async add({ payload, ...about }) {
      const id = idOf(about);
      const letter: DeadLetter = { id, ...about, at: new Date().toISOString(), size: payload.length };
      // The payload first: what is listed can be retried.
      await limited(redis.hSet(DEAD_LETTER_PAYLOAD_KEY, id, payload.toString('base64')));
      await limited(redis.hSet(DEAD_LETTER_INDEX_KEY, id, JSON.stringify(letter)));
      return letter;
    },
    async list() {
      const entries = await limited(redis.hVals(DEAD_LETTER_INDEX_KEY));
      return entries.map((entry) => JSON.parse(entry) as DeadLetter).sort((a, b) => a.at.localeCompare(b.at));
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

function idOf({ orgId, topic, replayId }: Pick<DeadLetter, 'orgId' | 'topic' | 'replayId'>): string {
  return createHash('sha256').update([orgId, topic, replayId].join('\n')).digest('hex').slice(0, 12);
}
