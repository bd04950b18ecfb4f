import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { check, isQuiet, type Verdict } from './checker';
import { Claims } from './claims';
import { nameOf, type Plan } from './plan';
import { playFault, type FaultResult, type PlayedFault } from './play-fault';
import { Progress } from './progress';
import { Readers } from './readers';
import { Truth } from './truth';
import { Workload } from './workload';
import { World } from './world';

export interface RoundOptions {
  /** Folder of the build that is put to the test. */
  build: string;
  /** File for what the processes write. */
  log: string;
  say: (line: string) => void;
}

export interface RoundResult extends Verdict {
  seed: number;
  orders: number;
  answers: number;
  faults: FaultResult[];
  seconds: number;
}

const LOOK_EVERY_MS = 100;
/** Quiet once may be the moment before a late event: it must stay so. */
const QUIET_LOOKS = 5;
const LAST_LOOKS = 50;

/** However long a round's faults wait, all orders must be approved within this, and so much more for each order. */
const ROUND_LIMIT_MS = 60_000;
const ORDER_LIMIT_MS = 4_000;

/** Carries out a plan in a world of its own. @throws when the world itself cannot be had */
export async function playRound(plan: Plan, { build, log, say }: RoundOptions): Promise<RoundResult> {
  const isVersioned = plan.faults.some(({ fault }) => fault.kind === 'deployment');
  const world = await World.start({ build, log, sweeps: plan.sweeps, mode: plan.mode, isVersioned });
  const over = new AbortController();
  // Each fault waits for it.
  setMaxListeners(0, over.signal);
  const began = performance.now();
  try {
    const progress = new Progress();
    countActivations(world, progress);
    const truth = new Truth(world.salesforce);
    const workload = new Workload(world, plan, progress);
    await world.begin();
    const readers = new Readers(world, workload, truth);
    readers.start();

    const stage = { world, workload, progress, claims: new Claims(), signal: over.signal, say };
    const faults = plan.faults.map((planned) => playFault(planned, stage));
    const limitMs = ROUND_LIMIT_MS + ORDER_LIMIT_MS * plan.orders.length + plan.drainSeconds * 1_000;
    const problems: string[] = [];
    await workload
      .run(AbortSignal.timeout(limitMs))
      .catch(() => problems.push(`the orders could not all be approved within ${limitMs / 1_000} s`));
    say(`all orders are in, ${progress.counts.activated} of them Activated`);
    problems.push(...(await drain({ world, workload }, plan, faults)));
    over.abort(new Error('the round is over'));
    const results = await Promise.all(faults.map(({ result }) => result()));
    await readers.stop();
    const verdict = await check(world, workload, readers, plan);
    return {
      ...verdict,
      problems: [...problems, ...results.flatMap(faultProblems), ...verdict.problems],
      seed: plan.seed,
      orders: workload.approved.length,
      answers: readers.served,
      faults: results,
      seconds: (performance.now() - began) / 1_000,
    };
  } finally {
    over.abort(new Error('the round is over'));
    await world.stop();
  }
}

function faultProblems({ fault, fired, problem }: FaultResult): string[] {
  return [
    ...(problem === undefined ? [] : [problem]),
    ...(fired ? [] : [`a fault of the plan never fired: ${nameOf(fault)}`]),
  ];
}

/**
 * Waits until all faults are over and the world is quiet. The time runs from the last approval, and anew from the end of a fault
 * that outlasted it.
 * @returns what was not so by the deadline
 */
async function drain(work: { world: World; workload: Workload }, plan: Plan, faults: PlayedFault[]): Promise<string[]> {
  const limitMs = plan.drainSeconds * 1_000;
  const began = performance.now();
  let sinceMs = began;
  for (let quiet = 0; ;) {
    await sleep(LOOK_EVERY_MS);
    const now = performance.now();
    quiet = (await isQuiet(work)) ? quiet + 1 : 0;
    const states = faults.map(({ state }) => state());
    if (quiet >= QUIET_LOOKS && states.every((state) => state === 'over')) return [];
    // A fault whose barrier or victim does not come must not hold the round up: it is told of as one that never fired.
    if (quiet >= LAST_LOOKS) return [];
    if (states.includes('on') && now - began < limitMs) sinceMs = now;
    if (now - sinceMs > limitMs)
      return [`not drained ${plan.drainSeconds} s after the last approval and the last healing`];
  }
}

function countActivations(world: World, progress: Progress): void {
  const seen = new Set<string>();
  world.salesforce.store.onCommit(({ changes }) => {
    for (const { object, id, after } of changes) {
      if (object !== 'Order' || after['Activation_Status__c'] !== 'Activated' || seen.has(id)) continue;
      seen.add(id);
      progress.count('activated');
    }
  });
}
