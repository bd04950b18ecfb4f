import type { Part } from './arguments';
import type { Backlog, IdleEvents, Starts } from './listener/report';
import type { LatencyReport, VariantRow } from './orders/latency-report';
import type { PeerReport } from './peer/report';
import type { Growth, StartUp } from './processes/report';
import type { Spread } from './spread';

/** What a run was: on what, and what became of each part that was asked for. */
export interface Run {
  cores: number;
  node: string;
  /** The machine's load average of the minute before the run: what else it had to do. */
  loadBefore: number;
  parts: PartRun[];
}

export interface PartRun {
  part: Part;
  /** How long it took, or until it was given up. */
  seconds: number;
  /** How long it was given. */
  limitSeconds: number;
  /** Why there are no figures of it: it was cut by its deadline, or failed. */
  failure?: string;
}

/** How fast a cache does something over how fast another does, side by side in one run. Times never leave the bench. */
export interface RateRatio {
  cache: string;
  against: string;
  /** How many are at it at a time. */
  concurrency: number;
  rounds: number;
  /** Of hits: reads of the cache's turns that went to the source, since a busy machine answered a command too late. */
  misses?: number;
  /** Rate of `cache` over that of `against`; 1 is as fast, 0.5 is half as fast. */
  ratio: Spread;
  /** What is aimed at, where there is an aim. */
  goal?: number;
}

export interface SourceReads {
  cache: string;
  processes: number;
  readers: number;
  /** Reads of the source for all of them together. */
  sourceReads: number;
}

export interface StaleAnswers {
  cache: string;
  /** What is raced. */
  race: string;
  races: number;
  /** Races after which somebody who came after the invalidation was given the old value. */
  stale: number;
}

export interface OrderCost {
  path: string;
  salesforceCalls: number;
  whmcsCalls: number;
  activities: number;
  /** Billable Temporal actions, counted from the history. */
  actions: number;
  /** Commands that the worker sent to Redis; what a script calls there is one. */
  redisCommands: number;
  historyEvents: number;
  historyBytes: number;
}

/** What `--json` writes; its shape is told in docs/performance.md. A part that was not asked for is missing; of one that failed `run` says why. */
export interface Report {
  quick: boolean;
  run: Run;
  orders?: OrderCost[];
  latency?: LatencyReport;
  variants?: VariantRow[];
  peer?: PeerReport;
  reads?: SourceReads[];
  races?: StaleAnswers[];
  hits?: RateRatio[];
  invalidations?: RateRatio[];
  idleEvents?: IdleEvents;
  starts?: Starts;
  backlog?: Backlog;
  startup?: StartUp[];
  growth?: Growth[];
}
