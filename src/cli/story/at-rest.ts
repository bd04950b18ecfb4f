import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderId } from '../../domain/order';
import type { Operator, RunStory } from '../../temporal/operator';

/** Whether the order is at rest: its run is over, or waits for a person. A run that is Activated still tells the caches, and then ends. */
export function isAtRest({ state, phase, progress }: RunStory): boolean {
  if (state !== 'running') return state !== 'continued';
  return (progress?.phase ?? phase) === 'AwaitingReprovision';
}

export interface Patience {
  /** Epoch ms; Infinity waits as long as it takes. */
  until: number;
  isOver?: (story: RunStory) => boolean;
  /** Told of each look. */
  onLook?: (story: RunStory | undefined) => void;
  signal?: AbortSignal;
}

const EVERY_MS = 500;

/** Looks again and again until the run is over. @returns the last look, which may show it not over yet when patience ends */
export async function untilAtRest(
  operator: Operator,
  orderId: OrderId,
  { until, isOver = isAtRest, onLook, signal }: Patience,
): Promise<RunStory | undefined> {
  for (;;) {
    const story = await operator.story(orderId);
    onLook?.(story);
    if ((story !== undefined && isOver(story)) || Date.now() >= until || signal?.aborted === true) return story;
    await pause(EVERY_MS, signal);
  }
}

/** Waits; shorter where the signal aborts. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}
