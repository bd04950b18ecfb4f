import { ConcurrencyLimit } from '../limits/concurrency-limit';
import { CacheOverloadedError } from './failures';

/** The limit of reads of Salesforce while Redis is away: so many at a time and so many in line; more are refused with CacheOverloadedError. */
export function fallbackLimit({ running, waiting }: { running: number; waiting: number }): ConcurrencyLimit {
  const refusal = (): Error =>
    new CacheOverloadedError(
      `Redis is unavailable and ${waiting} reads already wait for Salesforce; try again in a moment`,
    );
  return new ConcurrencyLimit(running, { waiting, refusal });
}
