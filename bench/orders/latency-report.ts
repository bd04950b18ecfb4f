import type { Spread } from '../spread';
import { table } from '../table';
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

/** As tables for a person. */
export function latencyTables({ delays, rows, stages, books }: LatencyReport): string[] {
  const realistic = `realistic: ${delays.salesforceMs} ms Salesforce, ${delays.whmcsMs} ms WHMCS`;
  const named = (vendors: Vendors): string => (vendors === 'realistic' ? realistic : vendors);
  return [
    table(
      ['Approval to write-back', 'against', 'at a time', 'orders', 'rounds', 'p50 min', 'median', 'max', 'p99'],
      rows.map(({ vendors, against, atATime, orders, rounds, p50, p99 }) => [
        `vendors answer ${named(vendors)}`,
        against,
        atATime,
        orders,
        rounds,
        ...fixed(p50.min, p50.median, p50.max, p99),
      ]),
    ),
    table(
      ['Where it goes', 'at a time', 'event', 'task waits', 'task', 'activity waits', 'activity'],
      stages.map(({ vendors, atATime, event, taskWaits, tasks, activityWaits, activities }) => [
        `vendors answer ${vendors}`,
        atATime,
        ...[event, taskWaits, tasks, activityWaits, activities].map((share) => `${(100 * share).toFixed(0)} %`),
      ]),
    ),
    table(['Orders of this part', 'lost', 'doubled'], [[books.orders, books.lost, books.doubled]]),
  ];
}

/** As a table for a person. */
export function variantsTable(rows: readonly VariantRow[]): string {
  return table(
    [
      'A bare workflow',
      'rounds',
      'alone: min',
      'median',
      'max',
      `${rows[0]?.atATime ?? 0} at a time: min`,
      'median',
      'max',
    ],
    rows.map(({ variant, rounds, alone, together }) => [
      variant,
      rounds,
      ...fixed(alone.min, alone.median, alone.max, together.min, together.median, together.max),
    ]),
  );
}

function fixed(...values: number[]): string[] {
  return values.map((value) => value.toFixed(2));
}
