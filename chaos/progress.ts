type What = 'approved' | 'activated';

interface Waiting {
  what: What;
  n: number;
  /** What it means to it that no more approvals come. */
  atLast: 'resolve' | 'reject';
  resolve: () => void;
  reject: (error: Error) => void;
}

/** What happened so far, counted, so that faults can wait for it. */
export class Progress {
  readonly counts = { approved: 0, activated: 0 };
  private waiting: Waiting[] = [];
  private allApproved = false;

  count(what: What): void {
    this.counts[what] += 1;
    this.wake();
  }

  /** No more approvals come: whoever waits for them waits no longer. */
  finishApprovals(): void {
    this.allApproved = true;
    this.wake();
  }

  /** Whether somebody waits for more approvals: the work must then go on, however much of it is unfinished. */
  get wantsApprovals(): boolean {
    return this.waiting.some(({ what }) => what === 'approved');
  }

  /**
   * Resolves when `what` has happened `n` times.
   * @throws the signal's reason when it comes first; Error when the last approval comes, and `n` of them are not reached
   */
  reached(what: What, n: number, signal: AbortSignal): Promise<void> {
    return this.wait({ what, n, atLast: 'reject' }, signal);
  }

  /** Resolves when `more` orders have been approved from now on, or the last one is. @throws the signal's reason when it comes first */
  moreApproved(more: number, signal: AbortSignal): Promise<void> {
    return this.wait({ what: 'approved', n: this.counts.approved + more, atLast: 'resolve' }, signal);
  }

  private wait(what: Omit<Waiting, 'resolve' | 'reject'>, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) reject(signal.reason as Error);
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      this.waiting.push({ ...what, resolve, reject });
      this.wake();
    });
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const each of waiting) {
      if (this.counts[each.what] >= each.n) each.resolve();
      else if (each.what !== 'approved' || !this.allApproved) this.waiting.push(each);
      else if (each.atLast === 'resolve') each.resolve();
      else each.reject(new Error(`only ${this.counts.approved} orders were approved`));
    }
  }
}
