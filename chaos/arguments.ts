import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Mutant } from './mutant';
import { MUTANTS } from './mutants';
import { planSchema, type Plan } from './plan';

export interface ChaosArguments {
  /** Of the first round; the others count on from it. */
  seed: number;
  minutes: number;
  orders: number;
  faults: number;
  /** Also the faults after which the product rests for minutes, by its own rules. */
  slow: boolean;
  /** Whether to end as soon as each fault of the plans has struck each target at each moment once. */
  cover: boolean;
  /** A plan as it was printed, in place of one from the seed. */
  plan: Plan | undefined;
  /** The deliberately broken builds that are played, in place of the sound one. */
  mutants: readonly Mutant[] | undefined;
  json: string | undefined;
  /** Markdown file whose table is made anew from this run. */
  report: string | undefined;
  /** Folder of a build that is played, in place of one that is made. */
  build: string | undefined;
  /** Folder for what the processes write; kept. */
  logs: string | undefined;
}

export const USAGE = `npm run chaos -- [options]

  --seed S        whole number that decides all plans (default: a new one each time)
  --minutes M     begin rounds for so long (default 3, with --cover 90); 0: one round
  --orders N      orders in a round (default 20)
  --faults K      faults in a round (default 6)
  --slow          also faults after which the product rests for minutes (a refused IP, a zombie worker)
  --cover         end as soon as every fault has struck everything it may, whenever it may
  --plan FILE     play this plan, as a run printed it, and no other
  --mutants       play the deliberately broken builds, each of which must be caught; with =TEXT or =TEXT|TEXT those whose name holds it
  --json FILE     write the results to FILE as JSON
  --report FILE   make the table in the Markdown file FILE anew from this run
  --build FOLDER  play what npm run build -- --out-dir FOLDER has made (default: it is built anew)
  --logs FOLDER   keep there what the processes write (else it is kept only where something was not sound)

Exit code 0: every promise held (or every mutant was caught); 1: not so; 2: usage.
`;

/** @throws Error that names what is wrong with the arguments, or with the plan that they name */
export function parseArguments(args: string[]): ChaosArguments | 'help' {
  // `--mutants` may stand alone.
  const spelt = args.map((arg) => (arg === '--mutants' ? '--mutants=' : arg));
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: spelt,
    options: {
      ...{ seed: text, minutes: text, orders: text, faults: text, plan: text },
      ...{ mutants: text, json: text, report: text, logs: text, build: text },
      cover: { type: 'boolean' },
      slow: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return 'help';
  const { json, report, logs, build } = values;
  const cover = values.cover === true;
  return {
    seed: number('seed', values.seed, Math.floor(Math.random() * 1_000_000), /^\d+$/),
    minutes: number('minutes', values.minutes, cover ? 90 : 3, /^\d+(\.\d+)?$/),
    orders: number('orders', values.orders, 20, /^[1-9]\d*$/),
    faults: number('faults', values.faults, 6, /^\d+$/),
    slow: values.slow === true,
    cover,
    plan: values.plan === undefined ? undefined : readPlan(values.plan),
    mutants: values.mutants === undefined ? undefined : mutantsNamed(values.mutants),
    ...{ json, report, logs, build },
  };
}

type Repeated = Pick<ChaosArguments, 'seed' | 'minutes' | 'orders' | 'faults' | 'slow' | 'cover'>;

/** The command that plays the rounds from this seed. */
export function commandOf({ seed, minutes, orders, faults, slow, cover }: Repeated): string {
  const size = `--orders ${orders} --faults ${faults}${slow ? ' --slow' : ''}${cover ? ' --cover' : ''}`;
  return `npm run chaos -- --seed ${seed} --minutes ${minutes} ${size}`;
}

function readPlan(file: string): Plan {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`--plan ${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const { success, data, error } = planSchema.safeParse(json);
  if (!success) throw new Error(`--plan ${file} is no plan:\n${z.prettifyError(error)}`);
  return data;
}

function mutantsNamed(text: string): readonly Mutant[] {
  const texts = text.split('|');
  const named = MUTANTS.filter(({ name }) => texts.some((each) => name.includes(each)));
  if (named.length > 0) return named;
  throw new Error(`--mutants=${text}: no name holds that. There are: ${MUTANTS.map(({ name }) => name).join('; ')}`);
}

function number(name: string, value: string | undefined, fallback: number, form: RegExp): number {
  if (value === undefined) return fallback;
  if (!form.test(value)) throw new Error(`--${name} ${value}: a number is wanted`);
  return Number(value);
}
