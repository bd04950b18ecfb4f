/**
 * A circuit breaker. Closed: commands go out. After `threshold` failures in a row it is open: nothing goes out for
 * `openMs`. Then it is half open: one command goes out as a probe; its success closes, its failure opens again.
 */
export class Breaker {
  #failures = 0;
  #openUntil = 0;
  #probing = false;

  constructor(
    private readonly threshold: number,
    private readonly openMs: number,
    /** Monotonic ms. */
    private readonly now: () => number = () => performance.now(),
  ) {}

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.#failures < this.threshold) return 'closed';
    return this.now() < this.#openUntil || this.#probing ? 'open' : 'half-open';
  }

  /** Whether a command may go out now. True while half open claims the probe: its outcome must be told. */
  admit(): boolean {
    switch (this.state) {
      case 'closed':
        return true;
      case 'open':
        return false;
      case 'half-open':
        this.#probing = true;
        return true;
    }
  }

  succeeded(): void {
    this.#failures = 0;
    this.#probing = false;
  }

  failed(): void {
    this.#failures++;
    this.#probing = false;
    if (this.#failures >= this.threshold) this.#openUntil = this.now() + this.openMs;
  }
}
