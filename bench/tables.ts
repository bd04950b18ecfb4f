import type { Part } from './arguments';
import { cellsOf, forTerminal, judged, type Figures } from './figures';
import { goalFigures } from './goals';
import { backlogFigures, idleEventsFigures, startsFigures } from './listener/report';
import { latencyFigures, variantsFigures } from './orders/latency-report';
import { faultsFigures, ratesFigures } from './peer/report';
import { growthFigures, startUpFigures } from './processes/report';
import type { OrderCost, RateRatio, Report, Run, SourceReads, StaleAnswers } from './report';

/** What is shown together: the figures of a part, or of one half of it. */
export const BLOCKS = [
  'goals',
  'run',
  'orders',
  'latency',
  'variants',
  'rates',
  'faults',
  'reads',
  'races',
  'hits',
  'invalidations',
  'idle-events',
  'starts',
  'backlog',
  'startup',
  'growth',
] as const;
export type Block = (typeof BLOCKS)[number];

/** The part that measures a block; the run itself, and its goals, are of no one part. */
export function partOf(block: Block): Part | undefined {
  if (block === 'goals' || block === 'run') return undefined;
  return block === 'rates' || block === 'faults' ? 'peer' : block;
}

/** The figures of a report for a person, in order. A block that was not measured is missing. */
export function figuresOf(report: Report): Map<Block, Figures[]> {
  const { run, orders, latency, variants, peer, reads, races, hits, invalidations } = report;
  const { idleEvents, starts, backlog, startup, growth } = report;
  const blocks: [Block, Figures[] | undefined][] = [
    ['goals', goalFigures(report)],
    ['run', runFigures(run)],
    ['orders', orders && costFigures(orders)],
    ['latency', latency && latencyFigures(latency)],
    ['variants', variants && variantsFigures(variants)],
    ['rates', peer && ratesFigures(peer.rates)],
    ['faults', peer && faultsFigures(peer.faults)],
    ['reads', reads && readsFigures(reads)],
    ['races', races && racesFigures(races)],
    ['hits', hits && ratioFigures('Hits', hits)],
    ['invalidations', invalidations && ratioFigures('Invalidations', invalidations)],
    ['idle-events', idleEvents && idleEventsFigures(idleEvents)],
    ['starts', starts && startsFigures(starts)],
    ['backlog', backlog && backlogFigures(backlog)],
    ['startup', startup && startUpFigures(startup)],
    ['growth', growth && growthFigures(growth)],
  ];
  return new Map(blocks.filter((entry): entry is [Block, Figures[]] => entry[1] !== undefined));
}

/** The report as tables of a terminal. */
export function tables(report: Report): string {
  return [...figuresOf(report).values()].flat().map(forTerminal).join('\n\n');
}

function runFigures({ parts }: Run): Figures[] {
  return [
    {
      head: ['Part', 'seconds', 'of at most', ''],
      rows: parts.map(({ part, seconds, limitSeconds, failure }) => [
        part,
        seconds.toFixed(0),
        limitSeconds.toFixed(0),
        failure === undefined ? 'measured' : `**not measured**: ${failure}`,
      ]),
    },
  ];
}

function costFigures(costs: readonly OrderCost[]): Figures[] {
  const calls = ['Salesforce calls', 'WHMCS calls', 'activities', 'billable actions', 'Redis commands'];
  return [
    {
      head: ['Cost of an order', ...calls, 'history events', 'history bytes'],
      rows: costs.map((cost) => [
        cost.path,
        cost.salesforceCalls,
        cost.whmcsCalls,
        cost.activities,
        cost.actions,
        cost.redisCommands,
        cost.historyEvents,
        cost.historyBytes,
      ]),
    },
  ];
}

function readsFigures(reads: readonly SourceReads[]): Figures[] {
  return [
    {
      head: ['A missing order', 'readers', 'processes', 'source reads'],
      rows: reads.map((each) => [each.cache, each.readers, each.processes, each.sourceReads]),
    },
  ];
}

/** A column for each race. */
function racesFigures(races: readonly StaleAnswers[]): Figures[] {
  const unique = (values: string[]): string[] => [...new Set(values)];
  const columns = unique(races.map(({ race }) => race));
  const rows = unique(races.map(({ cache }) => cache)).map((cache) => [
    cache,
    ...columns.map((column) => {
      const found = races.find((each) => each.cache === cache && each.race === column);
      return found === undefined ? '' : `${found.stale} of ${found.races}`;
    }),
  ]);
  return [{ head: ['Stale answers', ...columns], rows }];
}

function ratioFigures(what: string, ratios: readonly RateRatio[]): Figures[] {
  // Only hits can miss.
  const misses = ratios.some((each) => each.misses !== undefined);
  const goals = ratios.some(({ goal }) => goal !== undefined);
  const optional = <T>(shown: boolean, cell: T): T[] => (shown ? [cell] : []);
  return [
    {
      head: [
        ...[what, 'against', 'at a time', 'rounds'],
        ...optional(misses, 'misses'),
        ...['min', 'median', 'max'],
        ...optional(goals, 'goal'),
      ],
      rows: ratios.map((each) => [
        ...[each.cache, each.against, each.concurrency, each.rounds],
        ...optional(misses, each.misses ?? ''),
        ...cellsOf(each.ratio),
        ...optional(goals, judged(each.goal, each.ratio.median)),
      ]),
    },
  ];
}
