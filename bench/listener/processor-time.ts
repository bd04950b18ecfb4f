import { spread, type Spread } from '../spread';

/** Whose process: the product's listener, or the bare clients. */
export type Who = 'listener' | 'bare';

interface Clocks {
  /** Processor time so far, s. */
  cpu(who: Who): Promise<number>;
}

/** What the turns of the listener and of the bare clients take of the processor. A first turn of each warms up. */
export class ProcessorTime {
  readonly #turns: Record<Who, number[]> = { listener: [], bare: [] };

  constructor(private readonly clocks: Clocks) {}

  async during<T>(who: Who, turn: () => Promise<T>): Promise<T> {
    const before = await this.clocks.cpu(who);
    const result = await turn();
    this.#turns[who].push((await this.clocks.cpu(who)) - before);
    return result;
  }

  /** That of the bare clients over that of the listener, round by round. */
  ratio(): Spread {
    const { listener, bare } = this.#turns;
    return spread(listener.map((time, round) => (bare[round] ?? NaN) / time).slice(1));
  }
}
