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

  /** For one reader. Not a generator: that costs each delivery five promises, and this costs one. */
  [Symbol.asyncIterator](): AsyncIterator<Delivery> {
    return { next: () => this.#next() };
  }

  #next(): Promise<IteratorResult<Delivery, undefined>> {
    const value = this.#failure === undefined ? this.#deliveries.shift() : undefined;
    return value === undefined ? this.#nextToCome() : Promise.resolve({ done: false, value });
  }

  async #nextToCome(): Promise<IteratorResult<Delivery, undefined>> {
    await this.#changed.until(() => this.#deliveries.length > 0 || this.#ended || this.#failure !== undefined);
    if (this.#failure !== undefined) throw this.#failure.error;
    const value = this.#deliveries.shift();
    return value === undefined ? { done: true, value } : { done: false, value };
  }
}
