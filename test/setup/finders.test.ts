import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Machine, type Outcome } from './machine';

/** A closed network, whatever the machine that runs the tests has: the SDK's download fails at once. */
const OFFLINE = { HTTPS_PROXY: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' };
const TEMPORAL = 'echo "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"';
const OLD_TEMPORAL = 'echo "temporal version 0.9.0 (Server 1.20.0, UI 2.10.0)"';

let machine: Machine;
beforeEach(() => (machine = new Machine()));
afterEach(() => machine.remove());

const path = (outcome: Outcome): string => (JSON.parse(outcome.stdout) as { path: string }).path;

/** A `go` that needs what `go install` is given, and writes down that it was called. */
const goThatBuilds = (): string =>
  machine.program(
    'go',
    `echo called >> ${machine.folder}/go-calls\ncat > "$GOBIN/temporal" <<'E'\n#!/bin/sh\n${TEMPORAL}\nE\n/bin/chmod +x "$GOBIN/temporal"`,
  );

describe('the Temporal CLI', () => {
  test('an explicit path comes before PATH', async () => {
    machine.program('temporal', TEMPORAL);
    const explicit = machine.program('my-temporal', TEMPORAL, join(machine.folder, 'elsewhere'));
    expect(path(await machine.find('temporal', { TEMPORAL_CLI_PATH: explicit }))).toBe(explicit);
  });

  test('an explicit path that is wrong is refused, not passed over', async () => {
    machine.program('temporal', TEMPORAL);
    const outcome = await machine.find('temporal', { TEMPORAL_CLI_PATH: '/nowhere/temporal' });
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr.trim()).toBe(
      'TEMPORAL_CLI_PATH names /nowhere/temporal as the Temporal CLI, but /nowhere/temporal is not a file that can be run. Correct it or unset it.',
    );
  });

  test('one on PATH is taken as it is, and nothing is built', async () => {
    const onPath = machine.program('temporal', TEMPORAL);
    goThatBuilds();
    expect(path(await machine.find('temporal'))).toBe(onPath);
    expect(existsSync(join(machine.folder, 'go-calls'))).toBe(false);
  });

  test('one on PATH that is too old is passed over, and Go builds one that the next run finds', async () => {
    machine.program('temporal', OLD_TEMPORAL);
    goThatBuilds();
    const first = await machine.find('temporal', OFFLINE);
    expect(path(first)).toBe(join(machine.cache, 'temporal@v1.5.1', 'temporal'));
    expect(first.stderr).toMatch(/\[setup\] building the Temporal CLI with Go.*: done/);

    machine.program('go', 'exit 1');
    const second = await machine.find('temporal', OFFLINE);
    expect(path(second)).toBe(path(first));
    expect(second.stderr).toBe('');
  });

  test('two at once build it once', async () => {
    goThatBuilds();
    const outcomes = await Promise.all([machine.find('temporal', OFFLINE), machine.find('temporal', OFFLINE)]);
    expect(outcomes.map(path)).toEqual(Array(2).fill(join(machine.cache, 'temporal@v1.5.1', 'temporal')));
    const { stdout } = await machine.module(
      `import { readFileSync } from 'node:fs'; console.log(readFileSync('${machine.folder}/go-calls', 'utf8').trim().split('\\n').length);`,
    );
    expect(stdout.trim()).toBe('1');
  });

  test('when no way leads to it, one message says what was tried, why each failed, and what to do', async () => {
    machine.program('temporal', OLD_TEMPORAL);
    const outcome = await machine.find('temporal', OFFLINE);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    const message = outcome.stderr.slice(outcome.stderr.indexOf('The Temporal CLI is needed')).split('\n');
    expect(message).toEqual([
      'The Temporal CLI is needed, and could not be had. Tried:',
      '  1. TEMPORAL_CLI_PATH: not set',
      `  2. \`temporal\` on PATH: ${machine.bin}/temporal is version 1.20, and 1.28 or later is needed`,
      '  3. an earlier set-up: nothing kept',
      expect.stringMatching(/^ {2}4\. the Temporal SDK's download: \S/),
      '  5. go install github.com/temporalio/cli/cmd/temporal@v1.5.1: `go` is not on PATH',
      expect.stringMatching(/^What you can do: install the Temporal CLI .* TEMPORAL_CLI_PATH/),
      '',
    ]);
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
  });

  test('a build that fails leaves nothing half done', async () => {
    machine.program('go', 'echo "go: no such host" >&2; echo broken > "$GOBIN/temporal"; exit 1');
    const outcome = await machine.find('temporal', OFFLINE);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('`go install temporal@v1.5.1` ended with exit code 1: go: no such host');
    expect(readdirSync(machine.cache)).toEqual(['locks']);
  });
});

describe('the time-skipping test server', () => {
  test('an explicit path comes first', async () => {
    const explicit = machine.program('test-server', 'exit 0');
    expect(path(await machine.find('time-skipping', { TEMPORAL_TEST_SERVER_PATH: explicit }))).toBe(explicit);
  });

  test('without Java the message says so', async () => {
    const outcome = await machine.find('time-skipping', OFFLINE);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(
      /the Maven artifact io\.temporal:temporal-test-server:[\d.]+: `java` is not on PATH/,
    );
  });

  test('Maven fetches it and it is started with its whole folder of jars', async () => {
    const java = machine.program('java', 'echo "$@"');
    // The last argument but none: -DoutputDirectory=…
    machine.program(
      'mvn',
      'for last in "$@"; do :; done; out="${last#-DoutputDirectory=}"; mkdir -p "$out"; echo jar > "$out/temporal-test-server-1.jar"',
    );
    const server = path(await machine.find('time-skipping', OFFLINE));
    expect(server.startsWith(machine.cache)).toBe(true);
    const { stdout } = await machine.module(
      `import { execFileSync } from 'node:child_process'; process.stdout.write(execFileSync('${server}', ['7000', '--enable-time-skipping']));`,
    );
    expect(java).toBeDefined();
    expect(stdout).toContain(`/lib/* io.temporal.testserver.TestServer 7000 --enable-time-skipping`);
  });
});

describe('Redis', () => {
  const NEEDS = `
    import { ensureServers } from './requirements.mjs';
    const [need, url] = process.argv.slice(1);
    if (url) process.env.REDIS_URL = url;
    console.log(JSON.stringify(await ensureServers([need]).catch((error) => error.message)));
  `;

  test('one that runs already is taken in place of a program, where that will do, and is advised only there', async () => {
    const url = 'redis://127.0.0.1:1';
    const told = async (...args: string[]): Promise<unknown> =>
      JSON.parse((await machine.module(NEEDS, ...args)).stdout);
    expect(await told('redis', url)).toEqual({});
    expect(await told('redis')).toMatch(/or REDIS_URL to a Redis that runs/);
    expect(await told('redisServer', url)).toMatch(/Redis is needed[^]*REDIS_SERVER_PATH/);
    expect(await told('redisServer', url)).not.toContain('REDIS_URL');
  });

  test('one on PATH is used', async () => {
    const onPath = machine.program('redis-server', 'echo "Redis server v=7.0.15 sha=00000000:0"');
    expect(path(await machine.find('redis-server'))).toBe(onPath);
  });

  test('where packages cannot be installed the message names the package', async () => {
    const outcome = await machine.find('redis-server');
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/Redis is needed, and could not be had/);
    expect(outcome.stderr).toMatch(/apt-get install redis-server.*REDIS_SERVER_PATH/);
  });
});

test('a cache folder that cannot be used is one message that names it and the variable', async () => {
  const file = machine.program('a-file', '');
  const outcome = await machine.find('redis-server', { ORDER_PROVISIONING_CACHE: join(file, 'cache') });
  expect(outcome).toMatchObject({ code: 1, stdout: '' });
  expect(outcome.stderr.trim()).toMatch(
    /^The set-up keeps what it fetches in .*a-file\/cache, and cannot use that folder: ENOTDIR.*Set ORDER_PROVISIONING_CACHE to a folder .*$/,
  );
});

test('docs/set-up.md names every variable that chooses a program or a folder', () => {
  const scripts = join(__dirname, '..', '..', 'scripts', 'setup');
  const sources = readdirSync(scripts).map((name) => readFileSync(join(scripts, name), 'utf8'));
  const variables = sources.flatMap((source) => [...source.matchAll(/explicitPath\('(\w+)'/g)].map(([, name]) => name));
  expect(variables.length).toBeGreaterThan(4);
  const page = readFileSync(join(scripts, '..', '..', 'docs', 'set-up.md'), 'utf8');
  expect([...variables, 'ORDER_PROVISIONING_CACHE'].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
