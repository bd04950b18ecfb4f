/**
 * Two keys of one slot in Redis Cluster, by what is in braces: what scripts get, and what one UNLINK removes. The first is what
 * the second is of no use without, and is to go before it where they cannot go together.
 */
export type KeyPair = readonly [string, string];

/** The leases of those who refill a group, and its entries: see scripts.ts. No fill may come once its entries are gone. */
export const keysOfGroup = (prefix: string, group: string): KeyPair => {
  const entries = entriesKey(prefix, group);
  return [`${entries}~`, entries];
};
export const entriesKey = (prefix: string, group: string): string => `${prefix}{${group}}`;

/**
 * The index of dependencies, and the generation that readers see: see dependency-index.ts. A generation may not be told again from
 * the index once it is gone.
 */
export const keysOfIndex = (prefix: string): KeyPair => [`${prefix}{index}`, `${prefix}{index}:generation`];
