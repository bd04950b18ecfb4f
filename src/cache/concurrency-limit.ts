import { CacheOverloadedError } from './failures';

/** At most `running` at a time, at most `waiting` in line; more are refused with {@link CacheOverloadedError}. First come, first served. */
export class ConcurrencyLimit {
  #running = 0;
  readonly #line: (() => void)[] = [];

  constructor(
    private readonly running: number,
    private readonly waiting: number,
  ) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.running) await this.#wait();
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#line.shift();
      // The place is handed over, not freed, so nobody slips in between.
      if (next !== undefined) next();
      else this.#running--;
    }
  }

  #wait(): Promise<void> {
    if (this.#line.length >= this.waiting) {
      throw new CacheOverloadedError(
        `Redis is unavailable and ${this.waiting} reads already wait for Salesforce; try again in a moment`,
      );
    }
    return new Promise((resolve) => this.#line.push(resolve));
  }
}
