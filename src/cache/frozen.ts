/**
 * `value` and all that is in it, made unchangeable: readers share it. Whoever tries to change it gets a TypeError in strict
 * mode instead of changing what the next reader is given.
 */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const each of Object.values(value)) frozen(each);
  return Object.freeze(value);
}
