import { performance } from 'node:perf_hooks';

/** Does the n-th of a work's steps (n counts from 0). */
export type Step = (n: number) => Promise<unknown>;

/** Who took part in a round, and how many steps per ms each did. */
export type Rates = ReadonlyMap<string, number>;

/**
 * Rounds in which each has its turn. Whoever is first in one round is last in the next: a machine that slows down is
 * nobody's fault. A first round warms up and is not counted.
 */
export async function interleaved<Name extends string>(
  names: readonly Name[],
  rounds: number,
  turn: (name: Name) => Promise<number>,
  { warmUp = true }: { warmUp?: boolean } = {},
): Promise<Rates[]> {
  const results: Rates[] = [];
  for (let round = warmUp ? 0 : 1; round <= rounds; round++) {
    const rates = new Map<string, number>();
    for (const name of round % 2 === 0 ? names : names.toReversed()) rates.set(name, await turn(name));
    if (round > 0) results.push(rates);
  }
  return results;
}

/** The rate of one over that of another, round by round. */
export function ratios(rounds: readonly Rates[], name: string, against: string): number[] {
  return rounds.map((rates) => (rates.get(name) ?? NaN) / (rates.get(against) ?? NaN));
}

/** Steps per ms of `concurrency` workers who each go on for `ms`, the first from 0, the next from `apart`, and so on. */
export async function ratePerMs(step: Step, concurrency: number, apart: number, ms: number): Promise<number> {
  let done = 0;
  const start = performance.now();
  const end = start + ms;
  const workers = Array.from({ length: concurrency }, async (_each, index) => {
    for (let n = index * apart; performance.now() < end; n++) {
      await step(n);
      done++;
    }
  });
  await Promise.all(workers);
  return done / (performance.now() - start);
}

/** Steps per ms of `concurrency` workers who do steps 0 to `count` - 1 between them, each once. */
export async function rateOfAll(step: Step, concurrency: number, count: number): Promise<number> {
  let next = 0;
  const start = performance.now();
  const workers = Array.from({ length: concurrency }, async () => {
    while (next < count) await step(next++);
  });
  await Promise.all(workers);
  return count / (performance.now() - start);
}
