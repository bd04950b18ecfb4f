import { interleaved } from '../cache/rounds';
import { spread } from '../spread';
import type { ListenerWorld } from './world';

export interface LoopTrial {
  /** Calls at once of the loops that are tried. */
  concurrencies: readonly number[];
  /** Starts of each loop in a round, of which there are this many after one that warms up. */
  startsPerTurn: number;
  rounds: number;
}

export interface FastestLoop {
  concurrency: number;
  /** Starts per second of each loop over those of the fastest. */
  tried: { concurrency: number; ratio: number }[];
  /** Runs that the trial asked for. */
  asked: number;
}

/**
 * Which loop is the best one to be compared with. In rounds of its own: the best of several whose rates differ by chance alone would
 * owe its place to chance, if it were chosen by what it is then compared by.
 */
export async function fastestLoop(world: ListenerWorld, trial: LoopTrial): Promise<FastestLoop> {
  const { concurrencies, startsPerTurn, rounds } = trial;
  const names = concurrencies.map(String);
  let asked = 0;
  const rates = await interleaved(names, rounds, async (name) => {
    asked += startsPerTurn;
    return startsPerTurn / (await world.loop(startsPerTurn, Number(name)));
  });
  const medians = names.map((name) => spread(rates.map((round) => round.get(name) ?? NaN)).median);
  const highest = Math.max(...medians);
  const tried = concurrencies.map((concurrency, index) => ({ concurrency, ratio: (medians[index] ?? NaN) / highest }));
  const { concurrency } = tried.find(({ ratio }) => ratio === 1)!;
  return { concurrency, tried, asked };
}
