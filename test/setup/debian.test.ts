import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Machine } from './machine';

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
  writeFileSync(join(machine.folder, 'debian'), 'PRETTY_NAME="Debian"\nID=debian\n');
  writeFileSync(join(machine.folder, 'ubuntu'), 'ID=mint\nID_LIKE="ubuntu debian"\n');
  writeFileSync(join(machine.folder, 'fedora'), 'ID=fedora\n');
});
afterEach(() => machine.remove());

const SOURCE = `
  import { installDebianPackages } from './debian.mjs';
  const [osRelease, uid] = process.argv.slice(1);
  await installDebianPackages(['thing'], { osRelease, uid: Number(uid), retryMs: 1 }).catch((error) => console.log(error.message));
`;
const install = (system: string, uid = 0) => machine.module(SOURCE, join(machine.folder, system), String(uid));

/** An apt-get that writes down how it is called, and finds the lock held as often as told. */
function aptGet(held: number, rest = 'exit 0'): void {
  machine.program(
    'apt-get',
    `echo "$@ $DEBIAN_FRONTEND" >> ${machine.folder}/calls
n=$(cat ${machine.folder}/held 2>/dev/null || echo 0)
if [ "$n" -lt ${held} ]; then
  echo $((n + 1)) > ${machine.folder}/held
  echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1' >&2
  exit 100
fi
${rest}`,
  );
}
function calls(): string[] {
  const file = join(machine.folder, 'calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}
const UPDATE = '-q -o DPkg::Lock::Timeout=300 update noninteractive';
const INSTALL = '-q -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends thing noninteractive';

test.each(['debian', 'ubuntu'])('%s: reads the lists, then installs, without questions', async (system) => {
  aptGet(0);
  expect(await install(system)).toMatchObject({ code: 0, stdout: '' });
  expect(calls()).toEqual([UPDATE, INSTALL]);
});

test('another program that holds apt’s lock is waited for, and told of', async () => {
  aptGet(3);
  const { stdout, stderr } = await install('debian');
  expect(stdout).toBe('');
  expect(stderr.match(/another program holds apt's lock, trying again/g)).toHaveLength(3);
  expect(calls()).toEqual([UPDATE, UPDATE, UPDATE, UPDATE, INSTALL]);
});

test('any other failure of apt-get is the reason, and is not repeated', async () => {
  aptGet(0, "echo 'E: Unable to locate package thing' >&2; exit 100");
  expect((await install('debian')).stdout).toMatch(/ended with exit code 100: E: Unable to locate package thing/);
  expect(calls()).toEqual([UPDATE]);
});

test('two at once take turns', async () => {
  aptGet(
    0,
    `[ -e ${machine.folder}/busy ] && exit 1; echo > ${machine.folder}/busy; sleep 0.2; rm ${machine.folder}/busy`,
  );
  machine.program('rm', 'exec /bin/rm "$@"');
  const outcomes = await Promise.all([install('debian'), install('debian')]);
  expect(outcomes.map(({ stdout }) => stdout)).toEqual(['', '']);
  expect(calls()).toHaveLength(4);
});

test.each([
  ['fedora', 0, 'this is not Debian or Ubuntu'],
  ['nothing', 0, 'this is not Debian or Ubuntu'],
  ['debian', 1000, 'this user may not install packages (`sudo apt-get install thing` would)'],
])('%s as user %i: nothing is called', async (system, uid, reason) => {
  aptGet(0);
  expect((await install(system, uid)).stdout.trim()).toBe(reason);
  expect(calls()).toEqual([]);
});

// Where packages may be installed indeed, the whole way is gone with an apt-get that is not the system's.
const mayInstall = process.getuid?.() === 0 && /^ID(_LIKE)?=.*debian/m.test(read('/etc/os-release'));
(mayInstall ? test : test.skip)('Redis comes from redis-tools, under the name that makes it a server', async () => {
  const program = `#!/bin/sh\\necho "Redis server v=7.0.15 as $0"`;
  machine.program(
    'apt-get',
    `printf '${program}' > ${machine.bin}/redis-check-rdb; /bin/chmod +x ${machine.bin}/redis-check-rdb`,
  );
  const first = await machine.find('redis-server');
  const server = join(machine.cache, 'redis', 'redis-server');
  expect(JSON.parse(first.stdout)).toEqual({ path: server });

  machine.program('apt-get', 'exit 1');
  const second = await machine.find('redis-server');
  expect(second).toEqual({ code: 0, stdout: first.stdout, stderr: '' });
});

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

describe('one file out of a package', () => {
  const UNPACK = `
  import { mkdirSync } from 'node:fs';
  import { unpackDebianPackage } from './debian.mjs';
  const [osRelease, uid, folder] = process.argv.slice(1);
  mkdirSync(folder);
  await unpackDebianPackage('thing', folder, { osRelease, uid: Number(uid) }).catch((error) => console.log(error.message));
`;
  const unpack = (system: string, uid: number) =>
    machine.module(UNPACK, join(machine.folder, system), String(uid), join(machine.folder, 'work'));
  const DOWNLOAD = '-q -o DPkg::Lock::Timeout=300 download thing noninteractive';

  test.each([
    ['root reads the lists first', 0, [UPDATE, DOWNLOAD]],
    ['others take them as they are', 1000, [DOWNLOAD]],
  ])('is had without an installation: %s', async (_who, uid, called) => {
    aptGet(0, 'case "$*" in *download*) : > thing_1_amd64.deb ;; esac');
    machine.program('dpkg-deb', 'echo "$@" > "$3/unpacked"');
    expect(await unpack('debian', uid)).toMatchObject({ code: 0, stdout: '' });
    expect(calls()).toEqual(called);
    const work = join(machine.folder, 'work');
    expect(readFileSync(join(work, 'unpacked'), 'utf8').trim()).toBe(`--extract ${work}/thing_1_amd64.deb ${work}`);
  });

  test('is not to be had elsewhere', async () => {
    expect((await unpack('fedora', 0)).stdout).toMatch('this is not Debian');
  });
});
