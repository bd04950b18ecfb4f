import { setTimeout as sleep } from 'node:timers/promises';
import type { Reached } from '../sandbox/whmcs/barriers';
import { resourcesOf, type Claims } from './claims';
import { strike } from './faults';
import type { Stage, Struck } from './faults/strike';
import { orAborted } from './or-aborted';
import { nameOf, type Barrier, type PlannedFault } from './plan';

export interface FaultResult {
  fault: PlannedFault['fault'];
  when: Barrier;
  fired: boolean;
  /** What shows that it fired. */
  evidence: string | undefined;
  /** Seconds from the healing until every order approved before it was settled. Undefined where the round ended first. */
  recoverySeconds: number | undefined;
  /** What went wrong with it: a fault that did not strike, or did not end, makes a round prove nothing. */
  problem: string | undefined;
}

export interface PlayedFault {
  /** Before its barrier has come, and its turn; while it strikes and lasts; when it is healed or has failed. */
  state: () => 'waiting' | 'on' | 'over';
  /** Asked when the round is over: a fault may wait for its victim until then. Never rejects. */
  result: () => Promise<FaultResult>;
}

export type FaultStage = Omit<Stage, 'held'> & { claims: Claims; say: (line: string) => void };

const LOOK_EVERY_MS = 100;

/** Plays a fault: barrier, strike, end, and how long it took until all was well again. */
export function playFault(planned: PlannedFault, stage: FaultStage): PlayedFault {
  let state: ReturnType<PlayedFault['state']> = 'waiting';
  const played = play(planned, stage, (next) => {
    state = next;
  });
  return {
    state: () => state,
    result: async () => {
      const { struck, ...rest } = await played;
      const evidence = struck?.evidence();
      return { fault: planned.fault, when: planned.when, fired: evidence !== undefined, evidence, ...rest };
    },
  };
}

async function play(
  { fault, when, healAfter }: PlannedFault,
  stage: FaultStage,
  enter: (state: 'on' | 'over') => void,
): Promise<Pick<FaultResult, 'recoverySeconds' | 'problem'> & { struck: Struck | undefined }> {
  const { claims, progress, signal, say } = stage;
  const problems: string[] = [];
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      problems.push(`${nameOf(fault)} could not ${what}: ${messageOf(error)}`);
    }
  };
  let struck: Struck | undefined;
  let release: (() => void) | undefined;
  const strikeAndLast = async (): Promise<void> => {
    const held = await untilReached(when, stage);
    try {
      release = await claims.take(resourcesOf(fault), signal);
      enter('on');
      struck = await strike(fault, { ...stage, held });
    } finally {
      held?.release();
    }
    say(`${nameOf(fault)} (${describe(when)})`);
    if (healAfter > 0) await progress.moreApproved(healAfter, signal);
  };
  // A round that is over waits for nothing.
  await attempt('be done', () =>
    strikeAndLast().catch((error: unknown) => {
      if (!signal.aborted) throw error;
    }),
  );
  const heal = struck?.heal;
  if (heal !== undefined) {
    await attempt('be healed', heal);
    say(`healed: ${nameOf(fault)}`);
  }
  release?.();
  enter('over');
  return { struck, recoverySeconds: struck && (await recovery(stage)), problem: problems[0] };
}

async function untilReached(when: Barrier, stage: FaultStage): Promise<Reached | undefined> {
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
      return orAborted(world.whmcs.faults.whenReached(when.action, when.n, when.point, { hold: true }), signal);
  }
}

/** Seconds until the orders that were approved by now are settled. */
async function recovery({ world, workload, signal }: FaultStage): Promise<number | undefined> {
  const { store } = world.salesforce;
  const approved = [...workload.approved];
  const began = performance.now();
  const isSettled = (id: string): boolean => {
    const status = store.get('Order', id)?.['Activation_Status__c'];
    return status === 'Activated' || status === 'Failed';
  };
  while (!approved.every(isSettled)) {
    if (signal.aborted) return undefined;
    await sleep(LOOK_EVERY_MS);
  }
  return (performance.now() - began) / 1_000;
}

function describe(when: Barrier): string {
  if (when.at === 'call') return `${when.action} number ${when.n}, ${when.point.replace('-', ' its ')}`;
  return `${when.at} ${when.n}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
