import type { CachePolicy } from './policy';
import type { Query } from './query';
import type { EntryStore } from './store';

/**
 * Waits for leases that another process holds. All readers of this process that wait for the same token share one
 * poller: whoever is here has seen the token with a look of its own, and a token that is gone never comes back, so what
 * ends the wait happened after each of them had looked.
 */
export class WaitingRoom {
  readonly #polls = new Map<string, Promise<void>>();

  constructor(
    private readonly store: EntryStore,
    private readonly policy: CachePolicy,
  ) {}

  /**
   * Resolves when `token` no longer holds the field: filled, released, revoked or lapsed; or after `limitMs`.
   * @throws CacheUnavailableError
   */
  async wait(query: Query<unknown>, token: string, limitMs: number): Promise<void> {
    const name = `${query.group} ${query.field} ${token}`;
    let poll = this.#polls.get(name);
    if (poll === undefined) {
      poll = this.#poll(query, token).finally(() => this.#polls.delete(name));
      this.#polls.set(name, poll);
    }
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
    await Promise.race([poll, limit]).finally(() => {
      clearTimeout(timer);
    });
  }

  async #poll(query: Query<unknown>, token: string): Promise<void> {
    const { pollMinMs, pollMaxMs, waitLimitMs } = this.policy;
    const end = performance.now() + waitLimitMs;
    do {
      await new Promise((resolve) => setTimeout(resolve, pollMinMs + Math.random() * (pollMaxMs - pollMinMs)));
      const holder = await this.store.holder(query);
      if (holder.token !== token || holder.until <= this.store.now()) return;
    } while (performance.now() < end);
  }
}
