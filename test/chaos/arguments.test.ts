import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { commandOf, parseArguments, type ChaosArguments } from '../../chaos/arguments';
import { MUTANTS } from '../../chaos/mutants';
import { wordsOf } from '../docs/fenced-commands';

const ROOT = join(__dirname, '../..');

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
    expect(parseArguments(['--mutants'])).toMatchObject({ mutants: MUTANTS });
    const { mutants } = parseArguments(['--mutants=gap events ignored']) as ChaosArguments;
    expect(mutants?.map(({ name }) => name)).toEqual(['gap events ignored']);
    const two = parseArguments(['--mutants=without fencing|events ignored']) as ChaosArguments;
    expect(two.mutants?.map(({ name }) => name)).toEqual(['gap events ignored', 'a lease without fencing']);
  });

  it('reads the plan', () => {
    expect(parseArguments(['--plan', join(__dirname, 'plan.json')])).toMatchObject({ plan: { seed: 12 } });
  });

  it('tells the command that repeats a round', () => {
    const wanted = { seed: 4, minutes: 0, orders: 12, faults: 3, slow: true, cover: true };
    expect(parseArguments(wordsOf(commandOf(wanted)).slice(4))).toMatchObject(wanted);
  });

  it.each([
    ['--seed', 'x'],
    ['--minutes', '-1'],
    ['--orders', '0'],
    ['--nonsense'],
    ['stray'],
    ['--mutants=that nobody made'],
    ['--plan', 'no-such-file.json'],
    ['--plan', 'package.json'],
  ])('refuses %s %s', (...args) => {
    expect(() => parseArguments(args.filter(Boolean))).toThrow();
  });

  it('ends with the usage and exit code 2, before anything is built, where a plan is none', async () => {
    const args = ['--require', 'tsx/cjs', 'chaos/index.ts', '--plan', 'package.json'];
    const run = promisify(execFile)(process.execPath, args, { cwd: ROOT });
    const { code, stdout, stderr } = await run.then(
      () => ({ code: 0, stdout: '', stderr: '' }),
      (error: unknown) => error as { code: number; stdout: string; stderr: string },
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^--plan package\.json is no plan:[^]*npm run chaos -- \[options\]/);
  });
});
