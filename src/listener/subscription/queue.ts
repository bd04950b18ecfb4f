import type { Delivery } from './delivery';
import { Waker } from './waker';

/** Deliveries between the stream and whoever iterates. Bounded by the credit, not by itself. */
export class DeliveryQueue implements AsyncIterable<Delivery> {
  readonly #deliveries: Delivery[] = [];
  readonly #changed = new Waker();
  #ended = false;
  #failure: { error: unknown } | undefined;

  push(delivery: Delivery): void {
    this.#deliveries.push(delivery);
    this.#changed.wake();
  }

  /** Nothing comes any more; what is there is still yielded. */
  end(): void {
    this.#ended = true;
    this.#changed.wake();
  }

  /** Iteration throws `error`, at once. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#changed.wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Delivery> {
    for (;;) {
      await this.#changed.until(() => this.#deliveries.length > 0 || this.#ended || this.#failure !== undefined);
      if (this.#failure !== undefined) throw this.#failure.error;
      const delivery = this.#deliveries.shift();
      if (delivery === undefined) return;
      yield delivery;
    }
  }
}
