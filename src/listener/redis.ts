import { parseRecordId } from '../domain/record-id';

/** What the listener asks of Redis; the `redis` package's client and cluster both have it. */
export interface ListenerRedis {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  hGetAll(key: string): Promise<Record<string, string>>;
  hGet(key: string, field: string): Promise<string | null>;
  hSet(key: string, field: string, value: string): Promise<number>;
  hDel(key: string, field: string): Promise<number>;
  hLen(key: string): Promise<number>;
  hKeys(key: string): Promise<string[]>;
  sAdd(key: string, member: string): Promise<number>;
  sMembers(key: string): Promise<string[]>;
}

const PREFIX = 'order-provisioning:listener';

/**
 * The one hash of a topic: lease, fencing token and checkpoint together, so that one script on one key can judge and write
 * them, in a Redis Cluster too. Two orgs never share one, even where a sandbox was copied from the other with its topics.
 */
export function topicKey(orgId: string, topic: string): string {
  return `${PREFIX}:{${parseRecordId(orgId)}:${topic}}`;
}

/** The topics of an org that were ever led. */
export function topicsKey(orgId: string): string {
  return `${PREFIX}:{${parseRecordId(orgId)}}:topics`;
}

export const DEAD_LETTER_INDEX_KEY = `${PREFIX}:{dead-letters}:index`;
export const DEAD_LETTER_PAYLOAD_KEY = `${PREFIX}:{dead-letters}:payloads`;
