import { readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Machine } from './machine';

interface Locked {
  optionalDependencies?: Record<string, string>;
}

test('the lockfile names every optional package, or npm ci refuses it (scripts/complete-lockfile.mjs mends it)', () => {
  const file = join(__dirname, '..', '..', 'package-lock.json');
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Locked> };
  const missing = Object.entries(packages).flatMap(([parent, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !(`${parent}/node_modules/${name}` in packages) && !(`node_modules/${name}` in packages))
      .map((name) => `${parent} wants ${name}`),
  );
  expect(missing).toEqual([]);
});

describe('what counts as installed', () => {
  const locked = {
    '': {},
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/b': { version: '2.0.0', integrity: 'sha512-b', optional: true },
  };
  const a = locked['node_modules/a'];
  const cases: [string, object | undefined, boolean][] = [
    ['nothing', undefined, false],
    ['all of it', { 'node_modules/a': a, 'node_modules/b': locked['node_modules/b'] }, true],
    ['all but an optional package', { 'node_modules/a': a }, true],
    ['another version', { 'node_modules/a': { ...a, version: '1.0.1' } }, false],
    ['other content', { 'node_modules/a': { ...a, integrity: 'sha512-x' } }, false],
    ['an optional package alone', { 'node_modules/b': locked['node_modules/b'] }, false],
  ];

  test.each(cases)('%s', async (_, installed, expected) => {
    const machine = new Machine();
    writeFileSync(join(machine.folder, 'package-lock.json'), JSON.stringify({ packages: locked }));
    if (installed) {
      mkdirSync(join(machine.folder, 'node_modules'));
      writeFileSync(
        join(machine.folder, 'node_modules', '.package-lock.json'),
        JSON.stringify({ packages: installed }),
      );
    }
    const source = `import { areInstalled } from './packages.mjs'; console.log(areInstalled(process.argv[1]));`;
    expect((await machine.module(source, machine.folder)).stdout.trim()).toBe(String(expected));
    machine.remove();
  });
});
