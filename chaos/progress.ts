/** What happened so far, counted, so that faults can wait for it. */
export class Progress {
  readonly counts = { approved: 0, activated: 0 };
  private waiting: { what: 'approved' | 'activated'; n: number; resolve: () => void }[] = [];
  private allApproved = false;

  count(what: 'approved' | 'activated'): void {
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

  /** Resolves when `what` has happened `n` times. @throws the signal's reason when it comes first */
  reached(what: 'approved' | 'activated', n: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) reject(signal.reason as Error);
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      this.waiting.push({ what, n, resolve });
      this.wake();
    });
  }

  private wake(): void {
    const isDue = ({ what, n }: { what: 'approved' | 'activated'; n: number }): boolean =>
      this.counts[what] >= n || (what === 'approved' && this.allApproved);
    const due = this.waiting.filter(isDue);
    this.waiting = this.waiting.filter((each) => !isDue(each));
    for (const { resolve } of due) resolve();
  }
}
