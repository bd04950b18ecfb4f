import { ConcurrencyLimit } from '../limits/concurrency-limit';
import { CacheOverloadedError } from './failures';

export interface SourceLimit {
  /** Reads of the source at a time. */
  running: number;
  /** More of them, in line. */
  waiting: number;
}

/** The limit of one process's reads of Salesforce. Who would wait for longer than `waitMs` is refused with CacheOverloadedError. */
export function sourceLimitOf({ running, waiting }: SourceLimit, waitMs: number): ConcurrencyLimit {
  const reasons = {
    full: `${waiting} reads already wait for their turn at Salesforce; try again in a moment`,
    late: `the turn at Salesforce did not come within ${waitMs} ms; try again in a moment`,
  };
  return new ConcurrencyLimit(running, { waiting, waitMs, refusal: (why) => new CacheOverloadedError(reasons[why]) });
}
