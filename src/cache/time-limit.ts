/** A command under way: {@link Waiting.end} when it was answered, one way or the other. */
export interface Waiting {
  end(): void;
}

class Wait implements Waiting {
  constructor(
    /** Monotonic ms. */
    readonly until: number,
    /** Undefined once it has ended. */
    public late: (() => void) | undefined,
  ) {}

  end(): void {
    this.late = undefined;
  }
}

/**
 * The time limit of commands that all have the same one: they reach it in the order in which they began, so one timer and
 * a line serve them all. A timer for each command costs a large part of what the command itself costs.
 */
export class TimeLimit {
  readonly #line: Wait[] = [];
  /** Where the line begins; what is before it has left. */
  #first = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(readonly ms: number) {}

  /** Calls `late` once, unless the wait has ended by then. */
  begin(late: () => void): Waiting {
    const wait = new Wait(performance.now() + this.ms, late);
    this.#leave();
    this.#line.push(wait);
    if (this.#timer === undefined) this.#arm(this.ms);
    return wait;
  }

  #arm(afterMs: number): void {
    // Answers that had come in time while this process was busy are heard first: I/O comes between a timer and an immediate.
    this.#timer = setTimeout(() => setImmediate(() => this.#expire()), afterMs);
    // The connection keeps the process alive for what is under way; a limit alone does not.
    this.#timer.unref();
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (;;) {
      this.#leave();
      const next = this.#line[this.#first];
      if (next === undefined) return;
      if (next.until > now) {
        this.#arm(next.until - now);
        return;
      }
      const { late } = next;
      next.end();
      late?.();
    }
  }

  /** Those at the head of the line who have ended leave it. */
  #leave(): void {
    while (this.#first < this.#line.length && this.#line[this.#first]?.late === undefined) this.#first++;
    if (this.#first === this.#line.length) this.#line.length = this.#first = 0;
    else if (this.#first > 1024 && this.#first > this.#line.length / 2) {
      this.#line.splice(0, this.#first);
      this.#first = 0;
    }
  }
}
