import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { GrowthCase } from './processes/growth';

/** They share what they need: one after the other. */
export const LISTENER_PARTS = ['idle-events', 'starts', 'backlog'] as const;
export type ListenerPart = (typeof LISTENER_PARTS)[number];

export const PARTS = [
  'orders',
  'latency',
  'variants',
  'peer',
  'reads',
  'races',
  'hits',
  'invalidations',
  ...LISTENER_PARTS,
  'startup',
  'growth',
] as const;
/** Parts that run processes of the product, as a container does. */
export const RUN_A_BUILD: readonly Part[] = ['latency', 'peer', ...LISTENER_PARTS, 'startup', 'growth'];
/** Parts that a quick run leaves out unless they are asked for by name. */
const LONG: readonly Part[] = ['variants', 'peer', 'growth'];
export type Part = (typeof PARTS)[number];

export interface BenchArguments {
  quick: boolean;
  /** Where the report goes as JSON. */
  json: string | undefined;
  /** Folder for charts of the report, as SVG. */
  charts: string | undefined;
  parts: readonly Part[];
  /** How many orders the part `growth` provisions, and with how many workers, where it was said: a row each. */
  growth: readonly GrowthCase[] | undefined;
  /** How long all parts together may take, s, where it was said. */
  seconds: number | undefined;
  /** Folder of a build of the product that is measured, in place of one that is made. */
  build: string | undefined;
  /** A report of an earlier run to show again; nothing is measured. */
  from: string | undefined;
  /** Markdown file whose figures and charts are made anew. */
  report: string | undefined;
}

export const USAGE = `npm run bench -- [options]

  --quick         fewer rounds and readers, and ${LONG.join(', ')} only where asked for by name: 90 seconds at most
  --seconds N     let all parts together take N seconds (600, a quick run 90); what is cut is told of, and the exit code is 1
  --only PARTS    some of ${PARTS.join(',')}, with commas between
  --orders ROWS   growth: these rows in place of its own, with commas between: 1000 is 1,000 orders with 1 worker, 1000x4 with 4; a run has a second longer for each order
  --build FOLDER  measure what npm run build -- --out-dir FOLDER has made (default: it is built first)
  --json FILE     write the report to FILE as JSON (its shape: docs/performance.md)
  --charts FOLDER draw the report into FOLDER as SVG
  --report FILE   make the figures in the Markdown file FILE anew from the report, and its charts in images/performance beside it
  --from FILE     measure nothing: take the report that --json wrote to FILE
`;

/** @throws Error that names what is wrong with the arguments */
export function parseArguments(args: string[]): BenchArguments | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean' },
      json: { type: 'string' },
      charts: { type: 'string' },
      only: { type: 'string' },
      orders: { type: 'string' },
      seconds: { type: 'string' },
      build: { type: 'string' },
      from: { type: 'string' },
      report: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return 'help';
  const quick = values.quick === true;
  const wanted = values.only?.split(',').map(asPart);
  const { json, charts, from, report } = values;
  const build = values.build === undefined ? undefined : resolve(values.build);
  return {
    ...{ quick, json, charts, from, report, build },
    parts: PARTS.filter((part) => (wanted === undefined ? !(quick && LONG.includes(part)) : wanted.includes(part))),
    growth: values.orders?.split(',').map(asGrowthCase),
    seconds: values.seconds === undefined ? undefined : asCount('--seconds', values.seconds),
  };
}

function asCount(option: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Error(`${option} is a whole number from 1 to 999999, not ${text}`);
}

function asGrowthCase(text: string): GrowthCase {
  const [, orders, workers = '1'] = /^([1-9]\d{0,5})(?:x([1-9]))?$/.exec(text) ?? [];
  if (orders !== undefined) return { orders: Number(orders), workers: Number(workers) };
  throw new Error(`--orders has numbers of orders, such as 1000, or 1000x4 for as many with 4 workers, not ${text}`);
}

function asPart(name: string): Part {
  const part = PARTS.find((each) => each === name);
  if (part === undefined) throw new Error(`${name} is not a part of the bench; these are: ${PARTS.join(', ')}`);
  return part;
}
