import type { Spread } from '../spread';
import { table } from '../table';

/** How long a process takes until it is ready, over how long a bare one takes, side by side in one run. */
export interface StartUp {
  process: 'listener' | 'worker';
  /** How it is started. */
  how: string;
  rounds: number;
  /** Time until `/readyz` is green, over that of the bare process until its modules are loaded: 2 is twice as long. */
  ratio: Spread;
}

/** What orders cost as they grow in number, on the processes as a container runs them. */
export interface Growth {
  orders: number;
  workers: number;
  /** Orders that ended with exactly one Active order in WHMCS and its id in Salesforce: all of them, or the part fails. */
  activated: number;
  /** Calls for each order, logins and what a worker asks once included. */
  salesforceCalls: number;
  whmcsCalls: number;
  /** Commands that listener and workers sent to Redis, for each order. */
  redisCommands: number;
  /** Orders in a second, over those of the first row. */
  rate: number;
  /** Resident memory at the end, MiB; of the workers the largest. */
  memory: { listener: number; worker: number; portal: number };
}

/** As a table for a person. */
export function startUpTable(rows: readonly StartUp[]): string {
  return table(
    ['Start-up', 'started by', 'rounds', 'min', 'median', 'max'],
    rows.map(({ process, how, rounds, ratio }) => [
      process,
      how,
      rounds,
      ...[ratio.min, ratio.median, ratio.max].map((value) => value.toFixed(1)),
    ]),
  );
}

/** As a table for a person. */
export function growthTable(rows: readonly Growth[]): string {
  const head = [
    'Orders',
    'workers',
    'Salesforce',
    'WHMCS',
    'Redis',
    'rate',
    'listener MiB',
    'worker MiB',
    'portal MiB',
  ];
  const cells = rows.map(({ orders, workers, salesforceCalls, whmcsCalls, redisCommands, rate, memory }) => [
    orders,
    workers,
    ...[salesforceCalls, whmcsCalls, redisCommands, rate].map((value) => value.toFixed(2)),
    ...[memory.listener, memory.worker, memory.portal].map((value) => value.toFixed(0)),
  ]);
  return table(head, cells);
}
