import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './setup/root.mjs';

/**
 * `npm run --silent sbom > sbom.json`: the bill of materials (CycloneDX) of what the product runs with, from the lockfile alone.
 *
 * npm makes it, of a copy without the packages of the tests: asked to `--omit dev` it leaves out each package that anything
 * depends on for its development, the product's own too (npm 11).
 */
const read = (name) => JSON.parse(readFileSync(join(root, name), 'utf8'));
const { devDependencies: _tests, ...manifest } = read('package.json');
const lockfile = read('package-lock.json');
delete lockfile.packages[''].devDependencies;
lockfile.packages = Object.fromEntries(Object.entries(lockfile.packages).filter(([, { dev }]) => dev !== true));

const folder = mkdtempSync(join(tmpdir(), 'sbom-'));
try {
  // npm calls the whole by the name of its folder.
  const copy = join(folder, manifest.name);
  mkdirSync(copy);
  writeFileSync(join(copy, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(copy, 'package-lock.json'), JSON.stringify(lockfile));
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only', '--silent'];
  const made = spawnSync('npm', args, { cwd: copy, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  process.stdout.write(made.stdout ?? '');
  process.stderr.write(made.stderr ?? made.error.message);
  process.exitCode = made.status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
