import type { Checkpoint } from './checkpoint';

/** Who keeps the place of a topic: our Redis, or Salesforce, by a managed subscription. */
export type Keeper = 'redis' | 'salesforce';

/** Salesforce keeps events for 72 hours; a place that is nearly as old may be gone when the stream begins. */
const NEARLY_EXPIRED_MS = 70 * 3_600_000;

/**
 * Why the stream may begin behind a hole, where Salesforce keeps the place; undefined where it does not. Salesforce tells
 * nobody: a managed subscription without a place begins as its `defaultReplay` says, and one whose place has expired as its
 * `errorRecoveryReplay` says. What we know is what Redis has: each place is saved there before it is committed.
 */
export function holeBefore(
  { keeper, savedAt, setByHand }: Pick<Checkpoint, 'keeper' | 'savedAt' | 'setByHand'>,
  now: number,
): string | undefined {
  if (setByHand) return 'its checkpoint was set by hand, which a managed subscription does not obey';
  if (keeper !== 'salesforce') return 'Salesforce keeps its place now, and did not before';
  if (savedAt === undefined) return 'nothing was committed yet when it was listened to last';
  return now - savedAt > NEARLY_EXPIRED_MS ? 'the place that was committed last may have expired' : undefined;
}
