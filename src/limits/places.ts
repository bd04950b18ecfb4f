/** At most `limit` at once in this process; the others wait in the order in which they came, each until its own deadline. */
export class Places {
  #free: number;
  readonly #line: (() => void)[] = [];

  constructor(limit: number) {
    this.#free = limit;
  }

  /** @param deadline epoch ms. @returns whether a place was had; whoever has one gives it back by {@link release}. */
  async take(deadline: number): Promise<boolean> {
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    return new Promise((resolve) => {
      const turn = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#line.splice(this.#line.indexOf(turn), 1);
        resolve(false);
      }, deadline - Date.now());
      this.#line.push(turn);
    });
  }

  /** The place is handed to whoever waits longest, so that nobody slips in between. */
  release(): void {
    const next = this.#line.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
