import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './compose-file';
import { Image } from './image';

/** `order-provisioning/cache` as another service has it: packed, and imported by name from a folder of its own. */

let image: Image;
let service: string;

beforeAll(() => {
  image = Image.build();
  service = mkdtempSync(join(tmpdir(), 'order-provisioning-service-'));
  mkdirSync(join(service, 'node_modules', '@types'), { recursive: true });
  symlinkSync(image.app, join(service, 'node_modules', 'order-provisioning'));
  symlinkSync(join(ROOT, 'node_modules', '@types', 'node'), join(service, 'node_modules', '@types', 'node'));
});
afterAll(() => {
  image.remove();
  rmSync(service, { recursive: true, force: true });
});

/** The TypeScript examples of docs/cache.md, in their order. */
const [example, nest] = [...readFileSync(join(ROOT, 'docs', 'cache.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(
  ([, code]) => code ?? '',
);

/** What the examples leave to the service. */
const SOURCE = `
import type { CatalogSource, OrderSource } from 'order-provisioning/cache';
declare const source: OrderSource & CatalogSource;
`;
const NEST = `
import { CacheConnection, OrdersCache, type OrderSource } from 'order-provisioning/cache';
declare function Module(metadata: { providers: unknown[]; exports: unknown[] }): ClassDecorator;
interface OnApplicationShutdown { onApplicationShutdown(): void }
declare class ConfigService { getOrThrow(name: string): string }
interface SalesforceOrderSource extends OrderSource { readonly name: string }
declare const SalesforceOrderSource: new () => SalesforceOrderSource;
`;

it('is packed with its types', () => {
  const packed = spawnSync('npm', ['pack', '--dry-run', '--json'], { cwd: image.app, encoding: 'utf8' });
  const [{ files }] = JSON.parse(packed.stdout) as [{ files: { path: string }[] }];
  const paths = files.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining(['dist/src/cache/index.js', 'dist/src/cache/index.d.ts', 'bin/orders.js']),
  );
  expect(paths.filter((path) => !/^(dist|bin)\/|^package\.json$/.test(path))).toEqual([]);
});

it('is imported by name, and loads nothing of Temporal', () => {
  const code = `
    const cache = require('order-provisioning/cache');
    const loaded = Object.keys(require.cache).filter((file) => file.includes('@temporalio'));
    process.stdout.write(JSON.stringify({ names: Object.keys(cache), loaded }));`;
  const { stdout } = spawnSync(process.execPath, ['-e', code], { cwd: service, encoding: 'utf8' });
  const { names, loaded } = JSON.parse(stdout) as { names: string[]; loaded: string[] };
  expect(names).toEqual(expect.arrayContaining(['CacheConnection', 'OrdersCache', 'CatalogCache', 'CacheInvalidator']));
  expect(loaded).toEqual([]);
});

it.each([
  ['the example', `${SOURCE}${example}`],
  ['the NestJS provider', `${NEST}${nest}`],
])('%s of docs/cache.md compiles against it', (_name, code) => {
  writeFileSync(join(service, 'example.ts'), code);
  const options = ['--noEmit', '--strict', '--experimentalDecorators', '--target', 'es2022', '--types', 'node'];
  const modules = ['--module', 'node20', '--moduleDetection', 'force', '--skipLibCheck'];
  writeFileSync(join(service, 'package.json'), '{ "type": "module" }');
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  const { stdout, status } = spawnSync(tsc, [...options, ...modules, 'example.ts'], { cwd: service, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});
