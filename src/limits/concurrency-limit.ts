import { Places } from './places';

export interface Line {
  /** How many may wait. */
  waiting: number;
  /** For how long each may, ms; for ever unless given. */
  waitMs?: number;
  /** What the others are refused with: the line is full, or the turn did not come in time. */
  refusal: (why: 'full' | 'late') => Error;
}

/** At most `running` at once; the others wait in the order in which they came, in a line that may be bounded. */
export class ConcurrencyLimit {
  readonly #places: Places;

  constructor(
    running: number,
    private readonly line?: Line,
  ) {
    this.#places = new Places(running);
  }

  /** @throws what the line refuses with, or what `work` throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { line } = this;
    if (line !== undefined && !this.#places.free && this.#places.waiting >= line.waiting) throw line.refusal('full');
    const deadline = line?.waitMs === undefined ? undefined : Date.now() + line.waitMs;
    if (!(await this.#places.take(deadline))) throw line?.refusal('late') ?? new Error('the turn did not come in time');
    try {
      return await work();
    } finally {
      this.#places.release();
    }
  }
}
