import type { RunStory } from '../../temporal/operator';
import { tell, type ToldFailure } from '../failure';

const DEADLINE_EXCEEDED = 4;
/** With the words "no poller seen for task queue recently". A queue that was not in use yet makes the query wait instead. */
const FAILED_PRECONDITION = 9;

/**
 * Why a run's own answer could not be had, in words; undefined where it was had, or where there is none to be had. Pure. A query
 * that ends by time says nothing of workers by itself: "no worker" is said only where Temporal has seen none poll the task queue.
 */
export function silenceOf({
  unanswered,
  taskQueue,
}: Pick<RunStory, 'unanswered' | 'taskQueue'>): ToldFailure | undefined {
  if (unanswered === null) return undefined;
  const { error, pollers } = unanswered;
  if (pollers === 0 || isUnpolled(error)) {
    return {
      code: 'NO_WORKER',
      message: `no worker polls its task queue, ${taskQueue}`,
      advice: 'Start the worker, and check that TEMPORAL_TASK_QUEUE is the same everywhere.',
    };
  }
  if (isUnreadable(error)) {
    return {
      code: 'UNREADABLE_ANSWER',
      message: `it answered, and that cannot be read: ${error.message}`,
      advice: 'Give this environment the keys that the workers have (TEMPORAL_CODEC_KEYS_FILE).',
    };
  }
  if (refusalOf(error).code === DEADLINE_EXCEEDED) {
    const polled = pollers === null ? '' : `, though ${pollers} polled its task queue in the last minutes`;
    return {
      code: 'NO_ANSWER',
      message: `no worker answered in time${polled}`,
      advice: 'See whether the workers still run, are overloaded, or fail at the workflow itself: their log says so.',
    };
  }
  const { code, message, advice } = tell(error).told;
  return { code, message, advice: advice ?? 'See the log of the workers.' };
}

/** What the SDK throws where a payload's encoding is unknown to it, and our codec where a key is. */
const isUnreadable = (error: unknown): error is Error => error instanceof Error && error.name === 'ValueError';

const isUnpolled = (error: unknown): boolean => {
  const { code, details } = refusalOf(error);
  return code === FAILED_PRECONDITION && typeof details === 'string' && details.includes('no poller');
};

interface Refusal {
  code?: unknown;
  details?: unknown;
}

/** What the server said, in an error of gRPC or in one that the client has put around it. */
function refusalOf(error: unknown): Refusal {
  const { code, details, cause } = (error ?? {}) as Refusal & { cause?: Refusal | null };
  return code === undefined ? (cause ?? {}) : { code, details };
}
