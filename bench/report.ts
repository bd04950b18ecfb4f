import {
  backlogTable,
  idleEventsTable,
  startsTable,
  type Backlog,
  type IdleEvents,
  type Starts,
} from './listener/report';
import { growthTable, startUpTable, type Growth, type StartUp } from './processes/report';
import { latencyTables, variantsTable, type LatencyReport, type VariantRow } from './orders/latency-report';
import { peerTables, type PeerReport } from './peer/report';
import type { Spread } from './spread';
import { table } from './table';

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

/** What `--json` writes; its shape is told in docs/performance.md. A part that was not asked for is missing. */
export interface Report {
  quick: boolean;
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

/** The report as tables for a person. */
export function tables(report: Report): string {
  const { orders, latency, variants, peer, reads, races, hits, invalidations } = report;
  const { idleEvents, starts, backlog, startup, growth } = report;
  const parts: string[] = [];
  if (orders) {
    const head = ['Cost of an order', 'Salesforce', 'WHMCS', 'activities', 'actions', 'Redis', 'events', 'bytes'];
    const rows = orders.map((cost) => [
      cost.path,
      cost.salesforceCalls,
      cost.whmcsCalls,
      cost.activities,
      cost.actions,
      cost.redisCommands,
      cost.historyEvents,
      cost.historyBytes,
    ]);
    parts.push(table(head, rows));
  }
  if (latency) parts.push(...latencyTables(latency));
  if (variants) parts.push(variantsTable(variants));
  if (peer) parts.push(...peerTables(peer));
  if (reads) {
    const rows = reads.map((each) => [each.cache, each.readers, each.processes, each.sourceReads]);
    parts.push(table(['A missing order', 'readers', 'processes', 'source reads'], rows));
  }
  if (races) {
    const rows = races.map((each) => [each.cache, each.race, each.races, each.stale]);
    parts.push(table(['Racing invalidations', 'race', 'races', 'stale'], rows));
  }
  if (hits) parts.push(table(['Hits', ...RATIO_HEAD], hits.map(ratioRow)));
  if (invalidations) parts.push(table(['Invalidations', ...RATIO_HEAD], invalidations.map(ratioRow)));
  if (idleEvents) parts.push(idleEventsTable(idleEvents));
  if (starts) parts.push(startsTable(starts));
  if (backlog) parts.push(backlogTable(backlog));
  if (startup) parts.push(startUpTable(startup));
  if (growth) parts.push(growthTable(growth));
  return parts.join('\n\n');
}

const RATIO_HEAD = ['against', 'at a time', 'rounds', 'misses', 'min', 'median', 'max', 'goal'];

function ratioRow({ cache, against, concurrency, rounds, misses, ratio, goal }: RateRatio): (string | number)[] {
  const aim = goal === undefined ? '' : `${goal} ${ratio.median >= goal ? 'met' : 'not met'}`;
  const spreads = [ratio.min, ratio.median, ratio.max].map((value) => value.toFixed(2));
  return [cache, against, concurrency, rounds, misses ?? '', ...spreads, aim];
}
