import type { FaultTarget } from './faults';

/** Which request is meant: the first that matches, after `skip` others that do. */
export interface HeldRequest {
  method?: string;
  /** A part of path and query. */
  path?: string;
  skip?: number;
}

interface Hold {
  request: HeldRequest;
  passing: number;
  arrive: (release: () => void) => void;
}

/** Requests that are kept waiting before anything of them is done: where a test meets a call in flight. */
export class Holds {
  #waiting: Hold[] = [];
  readonly #held = new Set<() => void>();

  /** Resolves when the request has come, with what lets it go on. */
  next(request: HeldRequest): Promise<() => void> {
    return new Promise((arrive) => this.#waiting.push({ request, passing: request.skip ?? 0, arrive }));
  }

  /** Called for each request. Resolves when it may go on. */
  async pass({ method, path }: FaultTarget): Promise<void> {
    const hold = this.#waiting.find(
      ({ request }) => (request.method ?? method) === method && path.includes(request.path ?? ''),
    );
    if (hold === undefined || hold.passing-- > 0) return;
    this.#waiting = this.#waiting.filter((other) => other !== hold);
    await new Promise<void>((resolve) => {
      const release = (): void => {
        this.#held.delete(release);
        resolve();
      };
      this.#held.add(release);
      hold.arrive(release);
    });
  }

  /** Lets all go on that wait, and forgets those that have not come. */
  clear(): void {
    this.#waiting = [];
    for (const release of [...this.#held]) release();
  }
}
