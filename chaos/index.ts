import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArguments, USAGE, type ChaosArguments } from './arguments';
import { buildMutant, buildProduct, type Build } from './build';
import { derivePlan } from './derive';
import { MUTANTS, type Mutant } from './mutants';
import { nameOf, planSchema, type Plan } from './plan';
import { table, writeReport } from './report';
import { playRound, type RoundResult } from './round';

/** `npm run chaos`: rounds of seeded trouble for the real processes, judged by the outside world (docs/reliability.md). */

const began = performance.now();
const say = (line: string): void => {
  process.stdout.write(`${((performance.now() - began) / 1_000).toFixed(1).padStart(7)} s  ${line}\n`);
};

async function main(): Promise<number> {
  let parsed: ChaosArguments | 'help';
  try {
    parsed = parseArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  if (parsed === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const logs = parsed.logs ?? mkdtempSync(join(tmpdir(), 'order-provisioning-chaos-logs-'));
  say('building the product');
  const build = await buildProduct();
  try {
    return await (parsed.mutants === undefined ? rounds(parsed, build, logs) : mutants(parsed.mutants, build, logs));
  } finally {
    build.remove();
    if (parsed.logs === undefined) rmSync(logs, { recursive: true, force: true });
  }
}

async function rounds(wanted: ChaosArguments, build: Build, logs: string): Promise<number> {
  const results: RoundResult[] = [];
  const given = wanted.plan === undefined ? undefined : planSchema.parse(JSON.parse(readFileSync(wanted.plan, 'utf8')));
  const until = began + wanted.minutes * 60_000;
  do {
    const plan = given ?? derivePlan(wanted.seed + results.length, wanted);
    announce(plan, given === undefined ? repeatCommand(plan, wanted) : undefined);
    const result = await playRound(plan, {
      build: build.folder,
      log: join(logs, `round-${results.length + 1}.log`),
      say,
    });
    results.push(result);
    conclude(result);
    // A round takes about as long as the last one did.
  } while (given === undefined && performance.now() + (results.at(-1)?.seconds ?? 0) * 1_000 < until);
  process.stdout.write(`\n${table(results)}\n`);
  if (wanted.json !== undefined) writeFileSync(wanted.json, `${JSON.stringify(results, null, 2)}\n`);
  if (wanted.report !== undefined) writeReport(wanted.report, results);
  const unsound = results.filter(({ problems }) => problems.length > 0);
  process.stdout.write(
    unsound.length === 0
      ? `Sound: ${results.length} rounds, every promise held.\n`
      : `NOT sound: seeds ${unsound.map(({ seed }) => seed).join(', ')}.\n`,
  );
  return unsound.length === 0 ? 0 : 1;
}

async function mutants(name: string, build: Build, logs: string): Promise<number> {
  const chosen = MUTANTS.filter((mutant) => mutant.name.includes(name));
  if (chosen.length === 0)
    throw new Error(`No mutant's name holds "${name}". There are: ${MUTANTS.map((each) => each.name).join('; ')}`);
  const survivors: string[] = [];
  for (const mutant of chosen) {
    if (!(await isCaught(mutant, build, join(logs, `${mutant.name.replaceAll(' ', '-')}.log`))))
      survivors.push(mutant.name);
  }
  process.stdout.write(
    survivors.length === 0 ? `All ${chosen.length} mutants were caught.\n` : `NOT caught: ${survivors.join('; ')}.\n`,
  );
  return survivors.length === 0 ? 0 : 1;
}

async function isCaught(mutant: Mutant, sound: Build, log: string): Promise<boolean> {
  say(`mutant: ${mutant.name}`);
  const build = await buildMutant(sound, mutant);
  try {
    const { problems } = await playRound(mutant.plan, { build: build.folder, log, say });
    const told = problems.find((problem) => mutant.says.test(problem));
    say(told === undefined ? `NOT caught; what was said: ${problems.join('; ') || 'nothing'}` : `caught: ${told}`);
    return told !== undefined;
  } finally {
    build.remove();
  }
}

function announce(plan: Plan, repeat: string | undefined): void {
  process.stdout.write('\n');
  say(`seed ${plan.seed}: ${plan.orders.length} orders, ${plan.faults.length} faults`);
  if (repeat !== undefined) say(`again: ${repeat}`);
  process.stdout.write(`${JSON.stringify(plan)}\n`);
}

function repeatCommand({ seed }: Plan, { orders, faults, slow }: ChaosArguments): string {
  return `npm run chaos -- --seed ${seed} --minutes 0 --orders ${orders} --faults ${faults}${slow ? ' --slow' : ''}`;
}

function conclude({ seed, orders, answers, problems, faults, seconds }: RoundResult): void {
  const what = `seed ${seed}: ${orders} orders approved, ${faults.length} faults, ${answers} answers of the portal, ${seconds.toFixed(0)} s`;
  say(problems.length === 0 ? `sound. ${what}` : `NOT sound. ${what}`);
  for (const problem of problems) say(`  ${problem}`);
  if (problems.length > 0)
    for (const { fault, fired } of faults) say(`  ${fired ? 'fired' : 'NOT fired'}: ${nameOf(fault)}`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`chaos: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
