import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Choices that the seed alone decides. */
export interface Random {
  /** A whole number, both ends included. */
  int(from: number, to: number): number;
  pick<T>(of: readonly T[]): T;
  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean;
  shuffle<T>(list: readonly T[]): T[];
}

/** @param seed a whole number; the same seed gives the same choices, on every machine */
export function random(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const int = (from: number, to: number): number => uniformInt(generator, from, to);
  return {
    int,
    pick: (of) => {
      const chosen = of[int(0, of.length - 1)];
      if (chosen === undefined) throw new RangeError('There is nothing to pick from');
      return chosen;
    },
    chance: (percent) => int(1, 100) <= percent,
    shuffle: (list) => {
      const rest = [...list];
      return list.map(() => rest.splice(int(0, rest.length - 1), 1)[0]!);
    },
  };
}
