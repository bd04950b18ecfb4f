import { parseArgs } from 'node:util';

export const PARTS = ['orders', 'reads', 'races', 'hits', 'invalidations'] as const;
export type Part = (typeof PARTS)[number];

export interface BenchArguments {
  quick: boolean;
  /** Where the report goes as JSON. */
  json: string | undefined;
  parts: readonly Part[];
}

export const USAGE = `npm run bench -- [options]

  --quick         fewer rounds and readers: under 90 seconds
  --json FILE     write the report to FILE as JSON (its shape: docs/performance.md)
  --only PARTS    some of ${PARTS.join(',')}, with commas between
`;

/** @throws Error that names what is wrong with the arguments */
export function parseArguments(args: string[]): BenchArguments | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean' },
      json: { type: 'string' },
      only: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return 'help';
  const parts = values.only === undefined ? PARTS : values.only.split(',').map(asPart);
  return { quick: values.quick === true, json: values.json, parts };
}

function asPart(name: string): Part {
  const part = PARTS.find((each) => each === name);
  if (part === undefined) throw new Error(`${name} is not a part of the bench; these are: ${PARTS.join(', ')}`);
  return part;
}
