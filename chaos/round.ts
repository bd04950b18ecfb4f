import { setTimeout as sleep } from 'node:timers/promises';
import type { Reached } from '../sandbox/whmcs/barriers';
import { check, isQuiet, type Verdict } from './checker';
import { strike } from './faults';
import type { Stage, Struck } from './faults/strike';
import { nameOf, type Barrier, type Plan, type PlannedFault } from './plan';
import { Progress } from './progress';
import { Readers } from './readers';
import { Workload } from './workload';
import { World } from './world';

export interface RoundOptions {
  /** Folder of the build that is put to the test. */
  build: string;
  /** File for what the processes write. */
  log: string;
  say: (line: string) => void;
}

export interface FaultResult {
  fault: PlannedFault['fault'];
  fired: boolean;
  /** Seconds from the healing until every order approved before it was settled. */
  recoverySeconds: number | undefined;
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

/** Carries out a plan in a world of its own. @throws when the world itself cannot be had */
export async function playRound(plan: Plan, { build, log, say }: RoundOptions): Promise<RoundResult> {
  const clockHours = plan.faults.map(({ fault }) => (fault.kind === 'clock-step' ? fault.hours : 0)).find(Boolean) ?? 1;
  const world = await World.start({ build, log, clockHours, sweeps: plan.sweeps });
  const over = new AbortController();
  const began = performance.now();
  try {
    const progress = new Progress();
    countActivations(world, progress);
    const workload = new Workload(world, plan, progress);
    await world.slots.startAll();
    const readers = new Readers(world, workload);
    readers.start();

    const stage = { world, workload, progress, signal: over.signal };
    const faults = plan.faults.map((planned) => playFault(planned, stage, say));
    const deadline = AbortSignal.timeout(ROUND_LIMIT_MS + plan.drainSeconds * 1_000);
    const problems: string[] = [];
    await workload.run(deadline).catch(() => problems.push('the orders could not all be approved in time'));
    say(`all orders are in, ${progress.counts.activated} of them Activated`);
    problems.push(...(await drain({ world, workload }, plan, faults)));
    over.abort(new Error('the round is over'));
    const results = await Promise.all(faults.map(({ result }) => result));
    await readers.stop();
    const verdict = await check(world, workload, readers, plan);
    for (const { fault, fired } of results)
      if (!fired) problems.push(`a fault of the plan never fired: ${nameOf(fault)}`);
    return {
      ...verdict,
      problems: [...problems, ...verdict.problems],
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

/** No round goes on for longer than this before it drains, whatever its faults wait for. */
const ROUND_LIMIT_MS = 120_000;

interface PlayedFault {
  /** When it was healed; undefined until then. */
  isOver: () => boolean;
  result: Promise<FaultResult>;
}

function playFault(planned: PlannedFault, stage: Omit<Stage, 'held'>, say: (line: string) => void): PlayedFault {
  const { fault, when, healAfter } = planned;
  let isOver = false;
  const play = async (): Promise<FaultResult> => {
    let struck: Struck | undefined;
    let recoverySeconds: number | undefined;
    try {
      const held = await untilReached(when, stage);
      try {
        struck = await strike(fault, { ...stage, held });
      } finally {
        held?.release();
      }
      say(`${nameOf(fault)} (${describe(when)})`);
      if (healAfter > 0)
        await stage.progress.reached('approved', stage.progress.counts.approved + healAfter, stage.signal);
    } catch (error) {
      if (!stage.signal.aborted) say(`${nameOf(fault)} could not be done: ${messageOf(error)}`);
    }
    if (struck !== undefined) {
      await struck.heal?.();
      if (struck.heal !== undefined) say(`healed: ${nameOf(fault)}`);
      isOver = true;
      recoverySeconds = await recovery(stage);
    }
    return { fault, fired: struck !== undefined && (struck.fired?.() ?? true), recoverySeconds };
  };
  return { isOver: () => isOver, result: play() };
}

async function untilReached(when: Barrier, stage: Omit<Stage, 'held'>): Promise<Reached | undefined> {
  const { progress, signal, world, workload } = stage;
  switch (when.at) {
    case 'approved':
    case 'activated':
      await progress.reached(when.at, when.n, signal);
      return undefined;
    case 'started': {
      await progress.reached('approved', when.n, signal);
      const id = workload.approved[when.n - 1];
      while (!(await world.hasRun(id ?? ''))) await sleep(LOOK_EVERY_MS, undefined, { signal });
      return undefined;
    }
    case 'call':
      return Promise.race([
        world.whmcs.faults.whenReached(when.action, when.n, when.point, { hold: true }),
        aborted(signal),
      ]);
  }
}

/** Seconds until the orders that were approved by now are settled. Undefined where the round ended first. */
async function recovery({ world, workload, signal }: Omit<Stage, 'held'>): Promise<number | undefined> {
  const began = performance.now();
  const before = [...workload.approved];
  const isSettled = (id: string): boolean => {
    const status = world.salesforce.store.get('Order', id)?.['Activation_Status__c'];
    return status === 'Activated' || status === 'Failed';
  };
  while (!before.every(isSettled)) {
    if (signal.aborted) return undefined;
    await sleep(LOOK_EVERY_MS);
  }
  return (performance.now() - began) / 1_000;
}

/** Waits until all faults are over and the world is quiet. @returns what was not so by the deadline */
async function drain(work: { world: World; workload: Workload }, plan: Plan, faults: PlayedFault[]): Promise<string[]> {
  const limitMs = plan.drainSeconds * 1_000;
  const began = performance.now();
  let quiet = 0;
  while (quiet < QUIET_LOOKS) {
    if (performance.now() - began > limitMs) return [`not drained ${plan.drainSeconds} s after the last approval`];
    await sleep(LOOK_EVERY_MS);
    quiet = (await isQuiet(work)) ? quiet + 1 : 0;
    // A fault whose barrier can no longer come must not hold the round up: it is told of as one that never fired.
    if (quiet > 0 && !faults.every(({ isOver }) => isOver())) await sleep(LOOK_EVERY_MS * QUIET_LOOKS);
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

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
}

function describe(when: Barrier): string {
  if (when.at === 'call') return `${when.action} number ${when.n}, ${when.point.replace('-', ' its ')}`;
  return `${when.at} ${when.n}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
