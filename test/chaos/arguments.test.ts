import { parseArguments } from '../../chaos/arguments';

describe('the arguments of npm run chaos', () => {
  it('has a new seed each time where none is given, and three minutes', () => {
    expect(parseArguments([])).toMatchObject({ minutes: 3, orders: 20, faults: 6, slow: false, mutants: undefined });
    const seeds = new Set(Array.from({ length: 5 }, () => (parseArguments([]) as { seed: number }).seed));
    expect(seeds.size).toBeGreaterThan(1);
  });

  it('takes a seed, a length and sizes', () => {
    const args = ['--seed', '7', '--minutes', '0.5', '--orders', '12', '--faults', '0', '--slow'];
    expect(parseArguments(args)).toMatchObject({ seed: 7, minutes: 0.5, orders: 12, faults: 0, slow: true });
  });

  it('takes all mutants, or some', () => {
    expect(parseArguments(['--mutants'])).toMatchObject({ mutants: '' });
    expect(parseArguments(['--mutants=gap'])).toMatchObject({ mutants: 'gap' });
  });

  it.each([['--seed', 'x'], ['--minutes', '-1'], ['--orders', '0'], ['--nonsense'], ['stray']])(
    'refuses %s %s',
    (...args) => {
      expect(() => parseArguments(args.filter(Boolean))).toThrow();
    },
  );
});
