/**
 * Calls `late` after `ms`, but hears first what had come in time while this process was busy: of a turn of the event loop, timers
 * are the first, then I/O, then immediates. @returns a function that ends it.
 */
function afterAnswers(ms: number, late: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => (immediate = setImmediate(late)), ms);
  // The connection keeps the process alive for what is under way; a limit alone does not.
  timer.unref();
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}

/** A command that Redis has not answered by then has failed, ms. A frozen server would hold it for ever. */
const COMMAND_LIMIT_MS = 2_000;

/** Gives what `command` gives. @throws Error when Redis does not answer it in time. */
export async function limited<T>(command: Promise<T>, ms = COMMAND_LIMIT_MS): Promise<T> {
  let end: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    end = afterAnswers(ms, () => reject(new Error(`Redis did not answer within ${ms} ms`)));
  });
  try {
    return await Promise.race([command, late]);
  } finally {
    end?.();
  }
}

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
  #armed = false;

  constructor(readonly ms: number) {}

  /** Calls `late` once, unless the wait has ended by then. */
  begin(late: () => void): Waiting {
    const wait = new Wait(performance.now() + this.ms, late);
    this.#leave();
    this.#line.push(wait);
    if (!this.#armed) this.#arm(this.ms);
    return wait;
  }

  #arm(afterMs: number): void {
    this.#armed = true;
    afterAnswers(afterMs, () => this.#expire());
  }

  #expire(): void {
    this.#armed = false;
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
