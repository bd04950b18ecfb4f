import type { Reached } from '../../sandbox/whmcs/barriers';
import type { Fault } from '../plan';
import type { Progress } from '../progress';
import type { Workload } from '../workload';
import type { World } from '../world';

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
  /** Whether it really happened: asked at the end, for a fault that waits for its victim. Left out: it has. */
  fired?: () => boolean;
}

export type Of<K extends Fault['kind']> = Extract<Fault, { kind: K }>;
/** One function for each kind of fault. */
export type Strikes<K extends Fault['kind']> = { [kind in K]: (fault: Of<kind>, stage: Stage) => Promise<Struck> };
