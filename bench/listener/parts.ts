import { Resources } from '../../src/processes/resources';
import { LISTENER_PARTS, type ListenerPart } from '../arguments';
import { backlog } from './backlog';
import { idleEvents } from './idle-events';
import type { Backlog, IdleEvents, Starts } from './report';
import { starts } from './starts';
import { ListenerWorld } from './world';

/** The parts about the listener. They share one world, which takes seconds to start, and is gone after the last of them. */
export class ListenerParts {
  readonly #resources = new Resources();
  readonly #left: Set<string>;
  #world: Promise<ListenerWorld> | undefined;

  /** `asked`: the parts of the bench that will be measured. */
  constructor(
    private readonly build: string,
    asked: readonly string[],
    private readonly quick: boolean,
  ) {
    this.#left = new Set(asked.filter((part) => LISTENER_PARTS.some((mine) => mine === part)));
  }

  idleEvents(): Promise<IdleEvents> {
    const size = this.quick
      ? { rounds: 2, eventsPerTurn: 2_000, memory: { events: 8_000, limitMs: 2_000, sampleEvery: 2_000 } }
      : { rounds: 5, eventsPerTurn: 20_000, memory: { events: 1_000_000, limitMs: 60_000, sampleEvery: 50_000 } };
    return this.#part('idle-events', (world) => idleEvents(world, size));
  }

  starts(): Promise<Starts> {
    const size = this.quick
      ? { rounds: 1, startsPerTurn: 40, trial: { concurrencies: [10], startsPerTurn: 10, rounds: 1 } }
      : { rounds: 14, startsPerTurn: 200, trial: { concurrencies: [10, 20, 50], startsPerTurn: 200, rounds: 1 } };
    return this.#part('starts', (world) => starts(world, size));
  }

  backlog(): Promise<Backlog> {
    const size = this.quick
      ? { rounds: 1, events: 2_000, trial: { concurrencies: [10], startsPerTurn: 1, rounds: 1 } }
      : { rounds: 2, events: 50_000, trial: { concurrencies: [5, 10, 20, 50], startsPerTurn: 100, rounds: 1 } };
    return this.#part('backlog', (world) => backlog(world, size));
  }

  async #part<T>(part: ListenerPart, measure: (world: ListenerWorld) => Promise<T>): Promise<T> {
    this.#world ??= ListenerWorld.start(this.#resources, this.build);
    try {
      return await measure(await this.#world);
    } finally {
      this.#left.delete(part);
      if (this.#left.size === 0) await this.#resources.release();
    }
  }
}
