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

describe('installing', () => {
  const packages = { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } };
  const INSTALLED = JSON.stringify({ packages });
  const SOURCE = `
    import { ensurePackages } from './packages.mjs';
    await ensurePackages(process.argv[1]).catch((error) => console.log(error.message));
  `;
  let machine: Machine;
  let checkout: string;
  beforeEach(() => {
    machine = new Machine();
    checkout = join(machine.folder, 'checkout');
    mkdirSync(checkout);
    writeFileSync(join(checkout, 'package-lock.json'), INSTALLED);
  });
  afterEach(() => machine.remove());

  const LEAVES_ALL = `mkdir -p node_modules; echo '${INSTALLED}' > node_modules/.package-lock.json`;
  /** An npm that writes down how it is called. */
  const npm = (script: string): string => machine.program('npm', `echo "$1 $2" >> ${machine.folder}/calls\n${script}`);
  const calls = (): string[] => readFileSync(join(machine.folder, 'calls'), 'utf8').trim().split('\n');

  test('two at once install once, and the next not at all', async () => {
    npm(`sleep 0.3; ${LEAVES_ALL}`);
    const outcomes = await Promise.all([machine.module(SOURCE, checkout), machine.module(SOURCE, checkout)]);
    expect(outcomes.map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect(await machine.module(SOURCE, checkout)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(calls()).toEqual(['ci --include=dev']);
  });

  test('a lockfile that npm ci calls incomplete is installed as far as it goes', async () => {
    npm(`if [ "$1" = ci ]; then echo 'npm error code EUSAGE' >&2; exit 1; fi; ${LEAVES_ALL}`);
    const { stderr } = await machine.module(SOURCE, checkout);
    expect(stderr).toContain('npm ci finds the lockfile incomplete');
    expect(calls()).toEqual(['ci --include=dev', 'install --no-save']);
  });

  test('any other failure is told with what npm wrote, and nothing else is tried', async () => {
    npm("echo 'npm error network getaddrinfo ENOTFOUND registry.example' >&2; exit 1");
    const { stdout } = await machine.module(SOURCE, checkout);
    expect(stdout).toMatch(
      /^The node packages could not be installed:\n {2}npm error network .* registry\.example\nCheck /,
    );
    expect(calls()).toEqual(['ci --include=dev']);
  });

  test('no npm at all is told so', async () => {
    expect((await machine.module(SOURCE, checkout)).stdout).toContain('`npm` is not on PATH');
  });
});
