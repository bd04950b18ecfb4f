export interface Line {
  /** How many may wait. */
  waiting: number;
  /** What the others are refused with. */
  refusal: () => Error;
}

/** At most `running` at once; the others wait in the order in which they came, in a line that may be bounded. */
export class ConcurrencyLimit {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(
    running: number,
    private readonly line?: Line,
  ) {
    this.#free = running;
  }

  /** @throws what the line refuses with, or what `work` throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await this.#wait();
    try {
      return await work();
    } finally {
      // The place is handed over, not freed, so nobody slips in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }

  #wait(): Promise<void> {
    if (this.line !== undefined && this.#waiting.length >= this.line.waiting) throw this.line.refusal();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
