import { parseArgs } from 'node:util';

export interface ChaosArguments {
  /** Of the first round; the others count on from it. */
  seed: number;
  minutes: number;
  orders: number;
  faults: number;
  /** Also the faults after which the product rests for minutes, by its own rules. */
  slow: boolean;
  /** A plan as it was printed, in place of one from the seed. */
  plan: string | undefined;
  /** The deliberately broken builds, in place of the sound one; those whose name holds the text, where one is given. */
  mutants: string | undefined;
  json: string | undefined;
  /** Markdown file whose table is made anew from this run. */
  report: string | undefined;
  /** Folder for what the processes write; kept. */
  logs: string | undefined;
}

export const USAGE = `npm run chaos -- [options]

  --seed S        whole number that decides all plans (default: a new one each time)
  --minutes M     begin rounds for so long (default 3); 0: one round
  --orders N      orders in a round (default 20)
  --faults K      faults in a round (default 6)
  --slow          also faults after which the product rests for minutes (a refused IP, a zombie worker)
  --plan FILE     play this plan, as a run printed it, and no other
  --mutants       play the deliberately broken builds, each of which must be caught; with =TEXT those whose name holds it
  --json FILE     write the results to FILE as JSON
  --report FILE   make the table in the Markdown file FILE anew from this run
  --logs FOLDER   keep there what the processes write

Exit code 0: every promise held (or every mutant was caught); 1: not so; 2: usage.
`;

/** @throws Error that names what is wrong with the arguments */
export function parseArguments(args: string[]): ChaosArguments | 'help' {
  // `--mutants` may stand alone.
  const spelt = args.map((arg) => (arg === '--mutants' ? '--mutants=' : arg));
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: spelt,
    options: {
      ...{ seed: text, minutes: text, orders: text, faults: text, plan: text },
      ...{ mutants: text, json: text, report: text, logs: text },
      slow: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return 'help';
  const { plan, mutants, json, report, logs } = values;
  return {
    seed: number('seed', values.seed, Math.floor(Math.random() * 1_000_000), /^-?\d+$/),
    minutes: number('minutes', values.minutes, 3, /^\d+(\.\d+)?$/),
    orders: number('orders', values.orders, 20, /^[1-9]\d*$/),
    faults: number('faults', values.faults, 6, /^\d+$/),
    slow: values.slow === true,
    ...{ plan, mutants, json, report, logs },
  };
}

function number(name: string, value: string | undefined, fallback: number, form: RegExp): number {
  if (value === undefined) return fallback;
  if (!form.test(value)) throw new Error(`--${name} ${value}: a number is wanted`);
  return Number(value);
}
