/** Two keys of one slot in Redis Cluster, by what is in braces: what scripts get, and what one UNLINK removes. */
export type KeyPair = readonly [string, string];

/** The entries of a group, and the leases of those who refill it: see scripts.ts. */
export const keysOfGroup = (prefix: string, group: string): KeyPair => {
  const entries = entriesKey(prefix, group);
  return [entries, `${entries}~`];
};
export const entriesKey = (prefix: string, group: string): string => `${prefix}{${group}}`;

/** The index of dependencies, and the generation that readers see: see dependency-index.ts. */
export const keysOfIndex = (prefix: string): KeyPair => [`${prefix}{index}`, `${prefix}{index}:generation`];
