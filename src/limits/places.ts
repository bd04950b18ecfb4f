/** At most `limit` at once in this process; the others wait in the order in which they came, each until its own deadline. */
export class Places {
  #free: number;
  readonly #line = new Set<() => void>();

  constructor(limit: number) {
    this.#free = limit;
  }

  /** Whether a place can be had at once. */
  get free(): boolean {
    return this.#free > 0;
  }

  get waiting(): number {
    return this.#line.size;
  }

  /**
   * @param deadline epoch ms; without one, whoever waits gets a place in the end.
   * @returns whether a place was had; whoever has one gives it back by {@link release}.
   */
  async take(deadline?: number): Promise<boolean> {
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    return new Promise((resolve) => {
      const end = (taken: boolean): void => {
        clearTimeout(timer);
        this.#line.delete(turn);
        resolve(taken);
      };
      const turn = (): void => end(true);
      const timer = deadline === undefined ? undefined : setTimeout(() => end(false), deadline - Date.now());
      this.#line.add(turn);
    });
  }

  /** The place is handed to whoever waits longest, so that nobody slips in between. */
  release(): void {
    const [next] = this.#line;
    if (next === undefined) this.#free += 1;
    else next();
  }
}
