import type { Delivery } from './delivery';
import { Waker } from './waker';

/**
 * Deliveries between the stream and whoever takes them. Bounded by the credit, not by itself.
 *
 * Modes: kept (nobody takes them yet) -> handed on as they come -> ended, or failed.
 * There is one taker, and he is called at once: a promise for each delivery, as an iterator has it, costs more than most events.
 */
export class DeliveryQueue {
  #kept: Delivery[] = [];
  #take: ((delivery: Delivery) => void) | undefined;
  readonly #over = new Waker();
  #ended = false;
  #failure: { error: unknown } | undefined;

  push(delivery: Delivery): void {
    if (this.#failure !== undefined) return;
    if (this.#take === undefined) this.#kept.push(delivery);
    else this.#take(delivery);
  }

  /** Nothing comes any more; what is there is still handed on. */
  end(): void {
    this.#ended = true;
    this.#over.wake();
  }

  /** Nothing more is handed on, and {@link each} rejects with `error`. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#over.wake();
  }

  /** Calls `take` for each delivery, in order; it throws nothing. Resolves when it has ended. To be called once. */
  async each(take: (delivery: Delivery) => void): Promise<void> {
    if (this.#take !== undefined) throw new TypeError('The deliveries are taken by somebody else');
    this.#take = take;
    const kept = this.#kept;
    this.#kept = [];
    if (this.#failure === undefined) for (const delivery of kept) take(delivery);
    await this.#over.until(() => this.#ended || this.#failure !== undefined);
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
