import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { beyondRepair, untilBeyondRepair } from './beyond-repair';
import { check, restOf, type Verdict } from './checker';
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
/** Where a fault still waits for its moment. */
const LAST_LOOKS = 50;
/** Where not all is done: on a slow machine, Temporal may tell of a run that began some seconds ago only now. */
const STILL_LOOKS = 150;
/** Where a fault is at work, which may start processes or wait for an order of its own. */
const LAST_LOOKS_IN_TROUBLE = 400;

/** However long a round's faults wait, all orders must be approved within this, and so much more for each order. */
const ROUND_LIMIT_MS = 60_000;
const ORDER_LIMIT_MS = 4_000;

/** Carries out a plan in a world of its own. @throws when the world itself cannot be had */
export function playRound(plan: Plan, options: RoundOptions): Promise<RoundResult> {
  return inWorld(plan, options, conclude);
}

/**
 * Carries out a plan with a build of which it is known what it does wrong, and ends as soon as that has happened and cannot become
 * right any more.
 * @returns what is not as promised: that alone, or else all that the checker says in the end
 * @throws when the world itself cannot be had
 */
export function playMutant(plan: Plan, says: RegExp, options: RoundOptions): Promise<string[]> {
  return inWorld(plan, options, (round) => {
    const caught = untilBeyondRepair(() => beyondRepair(round, plan), says, round.over.signal);
    return Promise.race([caught.then((problem) => [problem]), conclude(round).then(({ problems }) => problems)]);
  });
}

/** A round that is being played. */
interface Round {
  plan: Plan;
  world: World;
  workload: Workload;
  progress: Progress;
  readers: Readers;
  faults: PlayedFault[];
  /** Aborted when nobody need do anything any more. */
  over: AbortController;
  say: (line: string) => void;
}

async function inWorld<T>(
  plan: Plan,
  { build, log, say }: RoundOptions,
  use: (round: Round) => Promise<T>,
): Promise<T> {
  const isVersioned = plan.faults.some(({ fault }) => fault.kind === 'deployment');
  const world = await World.start({ build, log, sweeps: plan.sweeps, mode: plan.mode, isVersioned });
  const over = new AbortController();
  // Each fault waits for it.
  setMaxListeners(0, over.signal);
  let readers: Readers | undefined;
  let faults: PlayedFault[] = [];
  try {
    const progress = new Progress();
    countActivations(world, progress);
    const truth = new Truth(world.salesforce);
    const workload = new Workload(world, plan, progress);
    await world.begin();
    readers = new Readers(world, workload, truth);
    readers.start();
    const stage = { world, workload, progress, claims: new Claims(), signal: over.signal, say };
    faults = plan.faults.map((planned) => playFault(planned, stage));
    return await use({ plan, world, workload, progress, readers, faults, over, say });
  } finally {
    over.abort(new Error('the round is over'));
    await readers?.stop();
    // What is healed now would be started after everything was stopped.
    await Promise.all(faults.map(({ result }) => result()));
    await world.stop();
  }
}

/** Has the orders approved, waits until all is done, and judges. @throws the reason when the round is over before that */
async function conclude(round: Round): Promise<RoundResult> {
  const { plan, world, workload, progress, readers, over, say } = round;
  const began = performance.now();
  const limitMs = ROUND_LIMIT_MS + ORDER_LIMIT_MS * plan.orders.length + plan.drainSeconds * 1_000;
  const problems: string[] = [];
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error('time is up')), limitMs);
  await workload
    .run(AbortSignal.any([over.signal, limit.signal]))
    .catch(() => problems.push(`the orders could not all be approved within ${limitMs / 1_000} s`))
    .finally(() => clearTimeout(timer));
  say(`all orders are in, ${progress.counts.activated} of them Activated`);
  problems.push(...(await drain(round)));
  over.signal.throwIfAborted();
  over.abort(new Error('the round is over'));
  const faults = await Promise.all(round.faults.map(({ result }) => result()));
  await readers.stop();
  const verdict = await check(world, workload, readers, plan);
  return {
    ...verdict,
    problems: [...problems, ...faults.flatMap(faultProblems), ...verdict.problems],
    seed: plan.seed,
    orders: workload.approved.length,
    answers: readers.served,
    faults,
    seconds: (performance.now() - began) / 1_000,
  };
}

/** A fault that went wrong, or did not strike: such a round proves nothing. */
export function faultProblems({ fault, fired, problem }: FaultResult): string[] {
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
export async function drain({
  plan,
  world,
  workload,
  faults,
  over,
}: Pick<Round, 'plan' | 'world' | 'workload' | 'faults' | 'over'>): Promise<string[]> {
  const limitMs = plan.drainSeconds * 1_000;
  const began = performance.now();
  let sinceMs = began;
  const looks = { done: 0, still: 0 };
  while (!over.signal.aborted) {
    await sleep(LOOK_EVERY_MS);
    const now = performance.now();
    const rest = await restOf({ world, workload });
    looks.done = rest === 'done' ? looks.done + 1 : 0;
    looks.still = rest === 'busy' ? 0 : looks.still + 1;
    const states = faults.map(({ state }) => state());
    if (looks.done >= QUIET_LOOKS && states.every((state) => state === 'over')) return [];
    // A fault whose barrier or victim does not come must not hold the round up: it is told of as one that never fired.
    if (looks.done >= (states.includes('on') ? LAST_LOOKS_IN_TROUBLE : LAST_LOOKS)) return [];
    // Events have been read, runs have ended, and no sweep comes: what is not done now never will be.
    if (looks.still >= STILL_LOOKS && !plan.sweeps && !states.includes('on'))
      return ['nobody is at work any more, and not everything is done'];
    if (states.includes('on') && now - began < limitMs) sinceMs = now;
    if (now - sinceMs > limitMs)
      return [`not drained ${plan.drainSeconds} s after the last approval and the last healing`];
  }
  return [];
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
