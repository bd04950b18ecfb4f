/**
 * Coalescing that cannot lie: a caller shares only a run that begins after the call. While one run is under way, all
 * who come meanwhile share the next one, so there is at most one run at a time and at most one waiting.
 *
 * (Joining the run under way would be cheaper, but it may have read before a change whose invalidation is already
 * done and which this process, cut off from Redis, cannot know of.)
 */
export class NextFlight<T> {
  readonly #work: () => Promise<T>;
  /** Runs `start` when the work may begin; until then more callers may join. */
  readonly #admission: (start: () => Promise<T>) => Promise<T>;
  #next: Promise<T> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(work: () => Promise<T>, admission: (start: () => Promise<T>) => Promise<T> = (start) => start()) {
    this.#work = work;
    this.#admission = admission;
  }

  #busy = 0;

  /** Whether nothing runs and nothing waits. */
  get idle(): boolean {
    return this.#busy === 0;
  }

  /** The result of a run that begins after this call. */
  run(): Promise<T> {
    this.#next ??= this.#enqueue();
    return this.#next;
  }

  #enqueue(): Promise<T> {
    this.#busy++;
    const run = this.#last.then(endOfTick).then(() =>
      this.#admission(() => {
        this.#next = undefined;
        return this.#work();
      }),
    );
    const end = (): void => {
      this.#busy--;
      // Only where the admission refused it: then nobody may join what never ran.
      if (this.#next === run) this.#next = undefined;
    };
    this.#last = run.then(end, end);
    return run;
  }
}

/** So that callers of one moment share a run. */
function endOfTick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
