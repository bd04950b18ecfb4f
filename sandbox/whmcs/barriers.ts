import type { LedgerCall } from './ledger';

/** Where a call can be stopped: just before it changes the store, or just after, before its answer is sent. */
export type BarrierPoint = 'before-commit' | 'after-commit';

/** A call that has come to a barrier. */
export interface Reached {
  call: LedgerCall;
  /** Lets the call go on. */
  release: () => void;
  /** Cuts the connection; before the commit the call then does nothing. */
  drop: () => void;
}

interface Barrier {
  action: string;
  point: BarrierPoint;
  /** Calls still to come, this one included. */
  left: number;
  hold: boolean;
  arrive: (reached: Reached) => void;
  fail: (reason: Error) => void;
}

/** Points where a test meets a call in flight. */
export class Barriers {
  private waiting: Barrier[] = [];
  private readonly held = new Set<() => void>();

  whenReached(action: string, n: number, point: BarrierPoint, hold: boolean): Promise<Reached> {
    const promise = new Promise<Reached>((arrive, fail) => {
      this.waiting.push({ action, point, left: Math.max(1, n), hold, arrive, fail });
    });
    // Whoever awaits it still sees a failure; one that nobody awaits must not end the process.
    promise.catch(() => undefined);
    return promise;
  }

  /** Called for each call at each point. Resolves when the call may go on, with what is to become of it. */
  async pass(call: LedgerCall, point: BarrierPoint): Promise<'go' | 'drop'> {
    const due: Barrier[] = [];
    for (const barrier of this.waiting) {
      if (barrier.action.toLowerCase() !== call.action.toLowerCase() || barrier.point !== point) continue;
      barrier.left -= 1;
      if (barrier.left === 0) due.push(barrier);
    }
    this.waiting = this.waiting.filter((barrier) => !due.includes(barrier));
    const verdicts = await Promise.all(due.map((barrier) => this.meet(barrier, call)));
    return verdicts.includes('drop') ? 'drop' : 'go';
  }

  private meet(barrier: Barrier, call: LedgerCall): Promise<'go' | 'drop'> {
    return new Promise((resolve) => {
      const dropHeld = () => settle('drop');
      const settle = (verdict: 'go' | 'drop') => {
        this.held.delete(dropHeld);
        resolve(verdict);
      };
      if (barrier.hold) this.held.add(dropHeld);
      barrier.arrive({ call, release: () => settle('go'), drop: dropHeld });
      if (!barrier.hold) settle('go');
    });
  }

  /** Drops the calls that are held, and fails the promises whose call never came. */
  clear(): void {
    for (const drop of [...this.held]) drop();
    const never = this.waiting;
    this.waiting = [];
    for (const barrier of never) {
      barrier.fail(
        new Error(`No call of ${barrier.action} reached ${barrier.point} before the barriers were cleared.`),
      );
    }
  }
}
