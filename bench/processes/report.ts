import type { Spread } from '../spread';
import { cellsOf, type Figures } from '../figures';

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

export function startUpFigures(rows: readonly StartUp[]): Figures[] {
  return [
    {
      head: ['Start-up', 'started by', 'rounds', 'min', 'median', 'max'],
      rows: rows.map(({ process, how, rounds, ratio }) => [process, how, rounds, ...cellsOf(ratio, 1)]),
    },
  ];
}

export function growthFigures(rows: readonly Growth[]): Figures[] {
  const head = [
    'Orders',
    'workers',
    'activated, once',
    'Salesforce calls',
    'WHMCS calls',
    'Redis commands',
    'orders/s',
    'listener MiB',
    'worker MiB',
    'portal MiB',
  ];
  const cells = rows.map(({ orders, workers, activated, salesforceCalls, whmcsCalls, redisCommands, rate, memory }) => [
    orders,
    workers,
    activated,
    ...[salesforceCalls, whmcsCalls, redisCommands, rate].map((value) => value.toFixed(2)),
    ...[memory.listener, memory.worker, memory.portal].map((value) => value.toFixed(0)),
  ]);
  return [{ head, rows: cells }];
}
