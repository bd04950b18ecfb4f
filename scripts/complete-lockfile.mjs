import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup/root.mjs';

/**
 * `node scripts/complete-lockfile.mjs`, after `npm install <package>`: npm leaves out of the lockfile those optional
 * packages (native code for other platforms) that the configured registry does not serve, and then `npm ci` refuses the lockfile.
 * Names them, with the version their parent asks for. Without their hash, which is known to the registries that serve them alone.
 */
const file = join(root, 'package-lock.json');
const lockfile = JSON.parse(readFileSync(file, 'utf8'));
const { packages } = lockfile;

const added = [];
for (const [parent, { optionalDependencies = {}, engines }] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const nested = `${parent}/node_modules/${name}`;
    const path = parent.split('/node_modules/').length === 1 ? `node_modules/${name}` : nested;
    if (parent === '' || packages[nested] || packages[`node_modules/${name}`]) continue;
    const platform = platformOf(name);
    if (!platform || !/^\d+\.\d+\.\d+\S*$/.test(version)) continue;
    packages[path] = {
      version,
      ...platform,
      optional: true,
      ...(engines ? { engines } : {}),
      ...kindOf(packages[parent]),
    };
    added.push(`${path} ${version}`);
  }
}

if (added.length > 0) {
  lockfile.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(file, `${JSON.stringify(lockfile, null, 2)}\n`);
}
process.stdout.write(`${added.length} added\n${added.map((line) => `  ${line}\n`).join('')}`);

/** Such packages are named after what they are for: `-linux-arm64-musl`, `-win32-x64-msvc`. */
function platformOf(name) {
  const match = /[-/](aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(\w+)(?:-(\w+))?$/.exec(
    name,
  );
  if (!match) return undefined;
  const [, os, cpu, abi = ''] = match;
  const libc = abi.startsWith('musl') ? 'musl' : abi.startsWith('gnu') && os === 'linux' ? 'glibc' : undefined;
  return { os: [os], cpu: [cpu], ...(libc ? { libc: [libc] } : {}) };
}

function kindOf(parent) {
  return parent.dev || parent.devOptional ? { dev: true } : {};
}
