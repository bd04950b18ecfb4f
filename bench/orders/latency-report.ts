import type { Spread } from '../spread';
import { cellsOf, type Figures } from '../figures';
import type { Books } from './shop';
import type { Stages } from './stages';

/** What the vendors' answers take in a row: nothing, or what they might in truth. */
export type Vendors = 'at once' | 'realistic';

/** Approval to write-back, over something measured beside it in the same run. */
export interface LatencyRow {
  vendors: Vendors;
  against: string;
  /** How many orders are under way at a time. */
  atATime: number;
  rounds: number;
  /** Orders in all rounds. */
  orders: number;
  /** Median over median, round by round. */
  p50: Spread;
  /** 99th percentile over 99th percentile, of all rounds together. Of fewer than 100 orders it is the slowest. */
  p99: number;
}

/** Where the time goes: shares of the whole, mean over orders. */
export interface StagesRow extends Stages {
  vendors: Vendors;
  atATime: number;
  orders: number;
}

/** What the part `latency` gives. */
export interface LatencyReport {
  /** What each answer takes where the vendors are `realistic`, ms. */
  delays: { salesforceMs: number; whmcsMs: number };
  rows: LatencyRow[];
  stages: StagesRow[];
  /** Of all orders that were approved. */
  books: Books;
}

/** How another way to run the same workflow compares with the one chosen: time over time, so 2 is twice as slow. */
export interface VariantRow {
  variant: string;
  rounds: number;
  /** One run at a time. */
  alone: Spread;
  /** `atATime` runs at a time. */
  together: Spread;
  atATime: number;
}

export function latencyFigures({ rows, stages, books }: LatencyReport): Figures[] {
  return [
    {
      head: ['Vendors', 'against', 'at a time', 'orders', 'rounds', 'p50: min', 'median', 'max', 'p99'],
      rows: rows.map(({ vendors, against, atATime, orders, rounds, p50, p99 }) => [
        vendors,
        against,
        atATime,
        orders,
        rounds,
        ...cellsOf(p50),
        p99.toFixed(2),
      ]),
    },
    {
      head: ['Where it goes', 'at a time', 'event', 'task waits', 'task', 'activity waits', 'activity'],
      rows: stages.map(({ vendors, atATime, event, taskWaits, tasks, activityWaits, activities }) => [
        vendors,
        atATime,
        ...[event, taskWaits, tasks, activityWaits, activities].map((share) => `${(100 * share).toFixed(0)} %`),
      ]),
    },
    {
      head: ['Orders of this part', 'lost', 'doubled'],
      rows: [[books.orders, books.lost, books.doubled]],
    },
  ];
}

export function variantsFigures(rows: readonly VariantRow[]): Figures[] {
  const together = `${rows[0]?.atATime ?? 0} at a time: min`;
  return [
    {
      head: ['Time over that of the way chosen', 'rounds', 'alone: min', 'median', 'max', together, 'median', 'max'],
      rows: rows.map(({ variant, rounds, alone, together }) => [
        variant,
        rounds,
        ...cellsOf(alone),
        ...cellsOf(together),
      ]),
    },
  ];
}
