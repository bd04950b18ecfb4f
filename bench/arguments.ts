import { parseArgs } from 'node:util';

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
/** Parts that a quick run leaves out unless they are asked for by name. */
const LONG: readonly Part[] = ['variants'];
export type Part = (typeof PARTS)[number];

export interface BenchArguments {
  quick: boolean;
  /** Where the report goes as JSON. */
  json: string | undefined;
  /** Folder for charts of the report, as SVG. */
  charts: string | undefined;
  parts: readonly Part[];
  /** How many orders the part `growth` provisions, where it was said. */
  orders: number | undefined;
}

export const USAGE = `npm run bench -- [options]

  --quick         fewer rounds and readers: under 90 seconds
  --json FILE     write the report to FILE as JSON (its shape: docs/performance.md)
  --charts FOLDER draw the report into FOLDER as SVG
  --orders N      growth: N orders, in place of 100 and 1,000 (10,000 take more than the ten minutes of a full run)
  --only PARTS    some of ${PARTS.join(',')}, with commas between
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
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return 'help';
  const quick = values.quick === true;
  const all = quick ? PARTS.filter((part) => !LONG.includes(part)) : PARTS;
  const parts = values.only === undefined ? all : values.only.split(',').map(asPart);
  const orders = values.orders === undefined ? undefined : asCount(values.orders);
  return { quick, json: values.json, charts: values.charts, parts, orders };
}

function asCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Error(`--orders is a whole number from 1 to 999999, not ${text}`);
}

function asPart(name: string): Part {
  const part = PARTS.find((each) => each === name);
  if (part === undefined) throw new Error(`${name} is not a part of the bench; these are: ${PARTS.join(', ')}`);
  return part;
}
