import { setTimeout as sleep } from 'node:timers/promises';
import type { Reached } from '../../sandbox/whmcs/barriers';
import type { Fault } from '../plan';
import type { Progress } from '../progress';
import type { Workload } from '../workload';
import type { World } from '../world';

const LOOK_EVERY_MS = 20;

/** What a fault may touch. */
export interface Stage {
  world: World;
  workload: Workload;
  progress: Progress;
  /** The WHMCS call that stands at the fault's barrier, if that is what it waited for. It goes on when the fault has struck. */
  held: Reached | undefined;
  signal: AbortSignal;
}

/** A fault that has struck. */
export interface Struck {
  /** Ends it. Nothing to do when left out. */
  heal?: () => Promise<unknown>;
  /**
   * What shows that it really happened (whom it killed, how many streams it cut); undefined: it has not. Asked at the end of the round,
   * since a fault may wait for its victim.
   */
  evidence: () => string | undefined;
}

export type Of<K extends Fault['kind']> = Extract<Fault, { kind: K }>;
/** One function for each kind of fault. */
export type Strikes<K extends Fault['kind']> = { [kind in K]: (fault: Of<kind>, stage: Stage) => Promise<Struck> };

/** Evidence that is there as soon as the fault has struck. */
export function seen(what: string): Pick<Struck, 'evidence'> {
  return { evidence: () => what };
}

/** Evidence that is a number of things, where there was one at least. */
export function counted(count: () => number, what: string): Pick<Struck, 'evidence'> {
  return { evidence: () => (count() > 0 ? `${count()} ${what}` : undefined) };
}

/** Resolves when it is so. @throws the signal's reason when it comes first */
export async function until(isSo: () => boolean | Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await isSo())) await sleep(LOOK_EVERY_MS, undefined, { signal });
}
