import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The lockfile says what is installed and how it is known again: by its hash alone. Where it comes from is the registry's
 * business (.npmrc), so that no address of somebody's mirror is kept, and no package comes from anywhere else.
 */
interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

const ROOT = join(__dirname, '..', '..');
const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
const { packages } = read('package-lock.json') as { packages: Record<string, Locked> };
const locked = Object.entries(packages).filter(([path]) => path !== '');

/**
 * Native code for platforms that the registry in use did not serve when the lockfile was written (scripts/complete-lockfile.mjs):
 * their hash could not be known. npm takes them on those platforms only.
 */
const WITHOUT_HASH = new Set([
  ...[
    ...['darwin-arm64', 'darwin-x64', 'linux-arm-gnueabihf', 'linux-ppc64-gnu', 'linux-s390x-gnu'],
    ...['win32-arm64-msvc', 'win32-ia32-msvc', 'win32-x64-msvc'],
  ].map((platform) => `node_modules/@swc/core-${platform}`),
  ...[
    ...['android-arm-eabi', 'android-arm64', 'darwin-arm64', 'darwin-x64', 'freebsd-x64', 'linux-arm-gnueabihf'],
    ...['linux-arm-musleabihf', 'linux-loong64-gnu', 'linux-loong64-musl', 'linux-ppc64-gnu', 'linux-riscv64-gnu'],
    ...['linux-riscv64-musl', 'linux-s390x-gnu', 'openharmony-arm64'],
    ...['win32-arm64-msvc', 'win32-ia32-msvc', 'win32-x64-msvc'],
  ].map((platform) => `node_modules/@unrs/resolver-binding-${platform}`),
]);
/** Where the product and its tests are run, and its images are made for: nothing may come without a hash there. */
const PLATFORMS = ['linux x64', 'linux arm64'];

/** Packages that would run a script when they are installed, and why they do without it. */
const INSTALL_SCRIPTS: Record<string, string> = {
  '@parcel/watcher': 'takes its binary from an optional package of the platform',
  '@swc/core': 'takes its binary from an optional package of the platform',
  'core-js': 'only thanks its users',
  'core-js-pure': 'only thanks its users',
  esbuild: 'takes its binary from an optional package of the platform; the script only makes its start faster',
  'msgpackr-extract': 'takes its binary from an optional package of the platform, else JavaScript does',
  protobufjs: 'only warns of a version scheme',
};

const nameOf = (path: string): string => path.replace(/^.*node_modules\//, '');

test('every package has the hash of its content', () => {
  const without = locked.filter(([, { integrity = '' }]) => !/^sha(512|384)-/.test(integrity));
  expect(without.filter(([path]) => !WITHOUT_HASH.has(path)).map(([path]) => path)).toEqual([]);
  for (const [path, { optional, os = [], cpu = [] }] of without) {
    const platforms = os.flatMap((system) => cpu.map((processor) => `${system} ${processor}`));
    expect([path, optional, platforms.length]).toEqual([path, true, 1]);
    expect(PLATFORMS).not.toContain(platforms[0]);
  }
});

test('none names where it was fetched from, and none comes from git, a URL or a folder', () => {
  expect(locked.filter(([, { resolved, link }]) => resolved !== undefined || link === true)).toEqual([]);
  const asked = Object.entries(packages).flatMap(([path, entry]) =>
    (['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const).flatMap((kind) =>
      Object.entries(entry[kind] ?? {}).map(([name, range]) => `${path} -> ${name}@${range}`),
    ),
  );
  expect(asked.length).toBeGreaterThan(1_000);
  expect(asked.filter((line) => /@(git|https?:|file:|link:|[\w-]+\/[\w.-]+(#|$))/.test(line))).toEqual([]);
});

test('no install script runs, and each that would is one that the product does without', () => {
  expect(readFileSync(join(ROOT, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
  const scripts = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => nameOf(path));
  expect(scripts.filter((name) => !(name in INSTALL_SCRIPTS))).toEqual([]);
});

test('the lockfile belongs to package.json', () => {
  const { dependencies, devDependencies } = read('package.json') as Locked;
  expect(packages['']).toMatchObject({ dependencies, devDependencies });
});

test('the SBOM lists what the product runs with, each with its hash, and nothing of the tests', () => {
  const made = spawnSync('npm', ['run', '--silent', 'sbom'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const { bomFormat, metadata, components } = JSON.parse(made.stdout) as {
    bomFormat: string;
    metadata: { component: { name: string } };
    components: { name: string; version: string; hashes?: unknown[] }[];
  };
  expect(bomFormat).toBe('CycloneDX');
  expect(metadata.component.name).toBe('order-provisioning');
  const names = components.map(({ name }) => name);
  const { dependencies = {} } = read('package.json') as Locked;
  expect(Object.keys(dependencies).filter((name) => !names.includes(name))).toEqual([]);
  expect(names).not.toContain('jest');
  const unknown = components.filter(
    ({ name, hashes = [] }) => hashes.length === 0 && !WITHOUT_HASH.has(`node_modules/${name}`),
  );
  expect(unknown).toEqual([]);
});
