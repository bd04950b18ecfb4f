/** Lets loops wait until something about the state has changed. */
export class Waker {
  #waiting: (() => void)[] = [];

  wake(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  /** Resolves as soon as `condition` holds; it is judged now and at each {@link wake}. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The same, but resolves after `ms` at the latest. */
  async untilOrFor(ms: number, condition: () => boolean): Promise<void> {
    if (ms === 0 || condition()) return;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.wake();
    }, ms);
    await this.until(() => late || condition());
    clearTimeout(timer);
  }
}
