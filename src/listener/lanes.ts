/**
 * Order where it matters, concurrency where it does not: work on the same key is done one after another, in the order
 * in which it was put in; work on different keys side by side; work on everything waits for all before it, and all
 * after it waits.
 */
export class Lanes {
  readonly #tails = new Map<string, Promise<void>>();
  #barrier: Promise<void> = Promise.resolve();

  /** Resolves or rejects as `work` does. A failure frees the lane: what comes after it is done all the same. */
  run(keys: readonly string[] | 'everything', work: () => Promise<void>): Promise<void> {
    const before = keys === 'everything' ? [...this.#tails.values()] : keys.map((key) => this.#tails.get(key));
    const done = Promise.all([this.#barrier, ...before]).then(work);
    const tail = done.catch(() => undefined);
    if (keys === 'everything') this.#barrier = tail;
    else for (const key of keys) this.#hold(key, tail);
    return done;
  }

  #hold(key: string, tail: Promise<void>): void {
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
  }
}
