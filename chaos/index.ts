import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { commandOf, parseArguments, USAGE, type ChaosArguments } from './arguments';
import { buildMutant, buildProduct, type Build } from './build';
import type { Mutant } from './mutant';
import { nameOf, type Plan } from './plan';
import { injected, table, writeReport } from './report';
import { playMutant, playRound, type RoundResult } from './round';
import { planOfMostNews, unplayed } from './rows';

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
  let isSound = false;
  if (parsed.build === undefined) say('building the product');
  const build = parsed.build === undefined ? await buildProduct() : { folder: parsed.build, remove: () => undefined };
  try {
    isSound = await (parsed.mutants === undefined ? rounds(parsed, build, logs) : mutants(parsed.mutants, build, logs));
    return isSound ? 0 : 1;
  } finally {
    build.remove();
    // What a failure left is all there is to find its cause by.
    if (!isSound) say(`what the processes wrote is in ${logs}`);
    else if (parsed.logs === undefined) rmSync(logs, { recursive: true, force: true });
  }
}

/** @returns whether every promise held in every round */
async function rounds(wanted: ChaosArguments, build: Build, logs: string): Promise<boolean> {
  const results: RoundResult[] = [];
  const until = began + wanted.minutes * 60_000;
  do {
    const seed = (results.at(-1)?.seed ?? wanted.seed - 1) + 1;
    const plan = wanted.plan ?? planOfMostNews(seed, wanted, injected(results));
    const log = join(logs, `round-${results.length + 1}`);
    announce(plan, await again(plan, wanted, { isFirst: results.length === 0, log }));
    const result = await playRound(plan, { build: build.folder, log: `${log}.log`, say });
    results.push(result);
    conclude(result);
    // After each round: a run that is broken off has still found what it has found.
    if (wanted.json !== undefined) writeFileSync(wanted.json, `${JSON.stringify(results, null, 2)}\n`);
    if (wanted.report !== undefined) writeReport(wanted.report, results, wanted);
    const left = unplayed(wanted, injected(results)).length;
    if (wanted.plan === undefined) say(`${left} ways of going wrong have not been played yet`);
    if (wanted.cover && left === 0) break;
    // A round takes about as long as the last one did.
  } while (wanted.plan === undefined && performance.now() + (results.at(-1)?.seconds ?? 0) * 1_000 < until);
  process.stdout.write(`\n${table(results, wanted)}\n`);
  const unsound = results.filter(({ problems }) => problems.length > 0);
  process.stdout.write(
    unsound.length === 0
      ? `Sound: ${results.length} rounds, every promise held.\n`
      : `NOT sound: seeds ${unsound.map(({ seed }) => seed).join(', ')}.\n`,
  );
  return unsound.length === 0;
}

/** How the round is repeated. A later plan follows from what was played before: it is kept with what the processes write. */
async function again(
  plan: Plan,
  wanted: ChaosArguments,
  { isFirst, log }: { isFirst: boolean; log: string },
): Promise<string | undefined> {
  if (wanted.plan !== undefined) return undefined;
  if (isFirst) return commandOf({ ...wanted, minutes: 0, cover: false });
  const file = `${log}.plan.json`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(plan, null, 2)}\n`);
  return `npm run chaos -- --plan ${file}`;
}

/** @returns whether all were caught, and the sound build passed what they were caught by */
async function mutants(chosen: readonly Mutant[], sound: Build, logs: string): Promise<boolean> {
  const failed: string[] = [];
  /** Some have the same plan: the sound build plays it once. */
  const passed = new Map<string, boolean>();
  for (const mutant of chosen) {
    const log = join(logs, mutant.name.replaceAll(' ', '-'));
    const plan = JSON.stringify(mutant.plan);
    say(`mutant: ${mutant.name}`);
    const isSound = passed.get(plan) ?? (await passes(mutant, sound, `${log}-control.log`));
    passed.set(plan, isSound);
    if (!isSound || !(await isCaught(mutant, sound, `${log}.log`))) failed.push(mutant.name);
  }
  process.stdout.write(
    failed.length === 0
      ? `All ${chosen.length} mutants were caught, by plans that the sound build passes.\n`
      : `NOT caught, or by a plan that the sound build fails: ${failed.join('; ')}.\n`,
  );
  return failed.length === 0;
}

/** A plan that the sound build fails would catch anything. */
async function passes({ plan }: Mutant, sound: Build, log: string): Promise<boolean> {
  const { problems } = await playRound(plan, { build: sound.folder, log, say });
  say(problems.length === 0 ? 'the sound build passes' : `the sound build FAILS: ${problems.join('; ')}`);
  return problems.length === 0;
}

async function isCaught(mutant: Mutant, sound: Build, log: string): Promise<boolean> {
  const build = await buildMutant(sound.folder, mutant);
  try {
    const problems = await playMutant(mutant.plan, mutant.says, { build: build.folder, log, say });
    const told = problems.find((problem) => mutant.says.test(problem));
    say(told === undefined ? `NOT caught; what was said: ${problems.join('; ') || 'nothing'}` : `caught: ${told}`);
    return told !== undefined;
  } catch (error) {
    // One that does not even start is none that was caught, and the others are still to come.
    say(`NOT caught; it could not be played: ${error instanceof Error ? error.message : String(error)}`);
    return false;
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

function conclude({ seed, orders, answers, problems, faults, seconds }: RoundResult): void {
  const what = `seed ${seed}: ${orders} orders approved, ${faults.length} faults, ${answers} answers of the portal, ${seconds.toFixed(0)} s`;
  say(problems.length === 0 ? `sound. ${what}` : `NOT sound. ${what}`);
  for (const problem of problems) say(`  ${problem}`);
  if (problems.length > 0)
    for (const { fault, fired, evidence = '' } of faults)
      say(`  ${fired ? 'fired' : 'NOT fired'}: ${nameOf(fault)}${fired ? `: ${evidence}` : ''}`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`chaos: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
