import { NextFlight } from '../../src/cache/next-flight';
import { eventually } from '../support/eventually';

/** Runs that end when the test says so; each tells its number. */
function held(): { flight: NextFlight<number>; begun: () => number; end: () => void } {
  const ends: (() => void)[] = [];
  let begun = 0;
  const flight = new NextFlight(() => {
    const number = ++begun;
    return new Promise<number>((resolve) => ends.push(() => resolve(number)));
  });
  return { flight, begun: () => begun, end: () => ends.shift()?.() };
}

it('shares a run among those who come before it begins, and no other', async () => {
  const { flight, begun, end } = held();
  const early = [flight.run(), flight.run()];
  await eventually(() => {
    expect(begun()).toBe(1);
  });
  const late = [flight.run(), flight.run()];
  end();
  expect(await Promise.all(early)).toEqual([1, 1]);
  await eventually(() => {
    expect(begun()).toBe(2);
  });
  end();
  expect(await Promise.all(late)).toEqual([2, 2]);
  expect(flight.idle).toBe(true);
});

it('begins the next run after one that failed', async () => {
  let runs = 0;
  const flight = new NextFlight(() => (++runs === 1 ? Promise.reject(new Error('first')) : Promise.resolve(runs)));
  await expect(flight.run()).rejects.toThrow('first');
  expect(await flight.run()).toBe(2);
});

it('keeps nobody in a run that was never admitted', async () => {
  let refused = true;
  const flight = new NextFlight(
    () => Promise.resolve('ran'),
    (start) => (refused ? Promise.reject(new Error('full')) : start()),
  );
  await expect(flight.run()).rejects.toThrow('full');
  refused = false;
  expect(await flight.run()).toBe('ran');
});
