import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from '../support/eventually';
import { PortInUse } from '../../sandbox/servers/free-port';
import { parseArguments, USAGE, withPortAdvice } from '../../sandbox/start/arguments';
import { UsageError } from '../../sandbox/start/usage';

const parse = (args: string[], environment: Record<string, string> = {}) => {
  const parsed = parseArguments(args, environment);
  if (parsed === 'help') throw new Error('help');
  return parsed;
};

test('ports are fixed unless told otherwise, so that an exported environment stays right', () => {
  expect(parse([]).ports).toEqual({
    temporal: 7233,
    temporalUi: 8233,
    redis: 6379,
    salesforce: 8301,
    pubsub: 7443,
    whmcs: 8302,
  });
});

test('--free-ports leaves the choice to the system for those that are not given', () => {
  const { temporal, redis } = parse(['--free-ports', '--temporal-port', '17233']).ports;
  expect([temporal, redis]).toEqual([17233, 0]);
});

test('REDIS_URL names a Redis that runs already; empty it counts as unset', () => {
  expect(parse([], { REDIS_URL: 'redis://cache:6379' }).redisUrl).toBe('redis://cache:6379');
  expect(parse([], { REDIS_URL: '' })).not.toHaveProperty('redisUrl');
});

test.each([['--redis-port', 'x'], ['--redis-port', '70000'], ['--redis-port=-1'], ['--nonsense'], ['stray']])(
  'refuses %s %s',
  (...args) => {
    expect(() => parse(args)).toThrow(UsageError);
  },
);

test('a port that cannot be had is told with the option that moves it', () => {
  const told = withPortAdvice(new PortInUse(6379, 'Redis'), parse([]).ports) as Error;
  expect(told.message).toMatch(/^Port 6379 on 127\.0\.0\.1 is in use.* --redis-port N; --free-ports takes any\.$/);
});

test('help names every option', () => {
  expect(parseArguments(['--help'], {})).toBe('help');
  for (const option of ['redis-port', 'write-env', 'free-ports', 'temporal-db']) expect(USAGE).toContain(`--${option}`);
});

test('a SIGTERM to npm stops the sandbox, which ends well', async () => {
  const npm = spawn('npm', ['run', '--silent', 'sandbox', '--', '--free-ports'], {
    env: { ...process.env, REDIS_URL: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [told, stderr] = ['', ''];
  npm.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
  npm.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await eventually(() => expect(told).toContain('Ctrl-C stops everything.'), { timeoutMs: 100_000 });
  expect(told).toMatch(/export SF_LOGIN_URL=http:\/\/127\.0\.0\.1:\d+\n/);
  npm.kill('SIGTERM');
  expect(await once(npm, 'exit')).toEqual([0, null]);
  expect(stderr).toContain('Stopping');
});

test('a file that the environment cannot be written to is one message, and nothing is left running', () => {
  const args = ['scripts/run.mjs', 'sandbox', '--free-ports', '--write-env', '/nowhere/environment'];
  const ran = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: join(__dirname, '..', '..') });
  expect([ran.status, ran.stdout]).toEqual([2, '']);
  expect(ran.stderr).toMatch(/^sandbox: --write-env: ENOENT: .*\/nowhere\/environment'\nUsage: /m);
  expect(ran.stderr).not.toMatch(/^\s+at /m);
});
