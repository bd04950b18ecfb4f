import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { createClient } from 'redis';
import { parseArguments } from '../../bench/arguments';
import { parseArguments as parseChaosArguments } from '../../chaos/arguments';
import { startSalesforce, type SalesforceEmulator } from '../../sandbox/salesforce';
import { controlRoutes } from '../../sandbox/salesforce/control';
import { Cli } from '../../src/cli/cli';
import { createProgram } from '../../src/cli/program';
import { examineAll } from '../../src/cli/doctor';
import type { OrderId } from '../../src/domain/order';
import { createDeadLetters } from '../../src/listener/dead-letters';
import { startCliWorld, type CliWorld } from '../cli/support/world';
import { fenced, inline, ROOT, wordsOf, type ShownCommand } from './fenced-commands';

/**
 * Every command that a page shows is run here, or named below with the test that stands for it and the reason why it cannot
 * be run as it stands. A command that is in neither fails.
 */

interface StandIn {
  shown: RegExp;
  /** Why it is not run here. */
  why: string;
  /** The tests that stand for it: file, and part of a test's name. */
  by: [file: string, name: string][];
}

const NO_ENGINE = 'no container engine runs in the tests';
const NO_ORG = 'there is no org, and the Salesforce CLI can be pointed at nothing else';
const manifests: StandIn['by'] = [
  [
    'test/salesforce-metadata/manifests.test.ts',
    'every component is in a manifest, and every manifest names only what is there',
  ],
];

const STAND_INS: StandIn[] = [
  {
    shown: /^npm run demo/,
    why: 'it has a test of its own',
    by: [
      ['test/sandbox/demo/demo.test.ts', 'every order is as it should be'],
      ['test/sandbox/demo/demo.test.ts', 'in dual mode, kept: it tells how to drive it'],
    ],
  },
  {
    shown: /^npm test$/,
    why: 'it is what runs this',
    by: [['test/docs/commands.test.ts', 'is run, or stood for']],
  },
  {
    shown: /^npm run bench/,
    why: 'it takes minutes; its parts are run small, and the arguments shown are read below',
    by: [['test/bench/bench.test.ts', 'prints the same as tables']],
  },
  {
    shown: /^npm run chaos/,
    why: 'it takes minutes; a round is played, and the arguments shown are read below',
    by: [['test/chaos/chaos.test.ts', 'npm run chaos: a plan from a file is sound']],
  },
  {
    shown: /^TEMPORAL_CODEC_KEYS_FILE=codec-keys\.json npm run codec-server$/,
    why: 'it runs until it is stopped',
    by: [['test/security/locked-down.test.ts', 'is shown by the Web UI through the codec server']],
  },
  {
    shown: /^docker compose (--profile sandbox )?up/,
    why: NO_ENGINE,
    by: [
      ['test/deploy/compose.test.ts', 'it is valid by the JSON schema of the Compose specification'],
      ['test/deploy/start-commands.test.ts', 'the sandbox profile provisions the demo’s orders'],
    ],
  },
  {
    shown: /^docker compose (logs --since 30m|restart|stop) worker$/,
    why: NO_ENGINE,
    by: [
      ['test/deploy/compose.test.ts', 'both set-ups have two listeners, a worker and a portal'],
      ['test/deploy/compose.test.ts', 'of a .env nothing reaches the sandbox but the tag of the images'],
    ],
  },
  {
    shown:
      /^kubectl -n order-provisioning ((logs|rollout restart|scale) deploy\/worker|rollout undo deploy\/(worker|listener|portal)$)/,
    why: 'there is no cluster',
    by: [
      [
        'test/deploy/kubernetes.test.ts',
        'listener, worker and portal are deployed, each with a disruption budget that leaves one',
      ],
    ],
  },
  {
    shown: /^docker compose exec worker orders doctor$/,
    why: NO_ENGINE,
    by: [['test/deploy/start-commands.test.ts', 'the command line is in the image, as `orders`']],
  },
  {
    shown: /^kubectl -n order-provisioning exec deploy\/worker -- orders doctor$/,
    why: 'there is no cluster',
    by: [['test/deploy/start-commands.test.ts', 'the command line is in the image, as `orders`']],
  },
  {
    shown:
      /^(docker compose|kubectl -n order-provisioning) exec .*\bREDIS_URL=rediss:\/\/order-cli:\S+ (worker )?orders doctor$/,
    why: 'there is no container engine and no cluster',
    by: [['test/security/locked-down.test.ts', 'the documented rights are enough for all that the processes do']],
  },
  {
    shown: /^kubectl apply -[fk] deploy\/kubernetes/,
    why: 'there is no cluster',
    by: [['test/deploy/kubernetes.test.ts', 'every manifest in the folder is applied']],
  },
  {
    shown: /^for name in .*\n.*kubectl -n order-provisioning create secret/,
    why: 'there is no cluster',
    by: [
      ['test/deploy/kubernetes.test.ts', 'gets every variable that it needs, and no other process’s secret'],
      ['test/deploy/docs.test.ts', 'the Secrets are filled in between their copy and their making'],
    ],
  },
  {
    shown:
      /^kubectl -n order-provisioning (create (secret generic|configmap) \S+ --from-file=|rollout restart deployment$)/,
    why: 'there is no cluster',
    by: [['test/deploy/key-files.test.ts', 'they come from a Secret or ConfigMap that the guide makes']],
  },
  {
    shown: /^sudo install -D -o 1000 -g 1000 -m 0400 jwt\.key keys\/jwt\.key/,
    why: 'it takes root',
    by: [['test/security/tls.test.ts', 'the user’s own']],
  },
  { shown: /^sf org login web/, why: NO_ORG, by: manifests },
  { shown: /^sf project deploy start .*--manifest manifest\//, why: NO_ORG, by: manifests },
  {
    shown: /^sf project deploy start .*--source-dir app-templates\//,
    why: NO_ORG,
    by: [['test/deploy/docs.test.ts', 'links and paths lead somewhere']],
  },
  {
    shown: /^sf org assign permset/,
    why: NO_ORG,
    by: [['test/deploy/docs.test.ts', 'every Salesforce component that the set-up guide names exists']],
  },
];

/** What the test adds, where the page means a person at a terminal. */
const ANSWERS: [RegExp, string[]][] = [
  [/^watch$/, ['--for', '1s']],
  [/^checkpoint set/, ['--yes']],
];
/** `status` of other systems, a letter that is beyond repair: what ends with 1 by right. */
const MAY_SAY_NO = /^dead-letters retry \w+$/;

jest.setTimeout(180_000);

let cli: CliWorld;
let salesforce: SalesforceEmulator;
let folder: string;
let redis: ReturnType<typeof createClient>;

beforeAll(async () => {
  cli = await startCliWorld();
  // One with its control API; the world's own has none.
  salesforce = await startSalesforce({ routes: controlRoutes });
  salesforce.store.transaction({ userId: salesforce.salesUserId }, (tx) => {
    const AccountId = tx.create('Account', { Name: 'Test Customer' });
    tx.create('Order', { AccountId, Status: 'Draft', EffectiveDate: '2026-01-01' });
  });
  folder = mkdtempSync(join(tmpdir(), 'docs-'));
  for (const name of ['deploy', 'salesforce']) symlinkSync(join(ROOT, name), join(folder, name));
  redis = createClient({ url: cli.redis.url });
  await redis.connect();
  Object.assign(process.env, cli.env);
  const doctor = new Cli(process.env, true, silent, silent);
  await examineAll(doctor, ['temporal'], true);
  await doctor.resources.release();
});

afterAll(async () => {
  redis.destroy();
  await salesforce.close();
  await cli.close();
  rmSync(folder, { recursive: true, force: true });
});

const silent = { write: () => true };

async function waitingOrder(): Promise<OrderId> {
  const orderId = cli.world.order({ whmcsClientId: null });
  await cli.world.orders.request(orderId, { trigger: 'cdc' });
  await cli.world.in(orderId, 'AwaitingReprovision');
  return orderId;
}

/** An order that the command makes sense for. */
async function orderFor(verb: string): Promise<OrderId> {
  if (verb === 'cancel' || verb === 'reprovision') return waitingOrder();
  const orderId = cli.world.order();
  await cli.world.provision(orderId);
  return orderId;
}

async function deadLetter(): Promise<string> {
  const letter = {
    orgId: cli.world.salesforce.orgId,
    topic: '/data/OrderChangeEvent',
    replayId: '7',
    eventId: 'e',
    schemaId: 's',
  };
  return (await createDeadLetters(redis).add({ ...letter, reason: 'made by a test', payload: Buffer.from('x') })).id;
}

/** Commander ends the process where an argument is wrong, unless it is told to throw. */
function throwing(command: Command): Command {
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  command.commands.forEach(throwing);
  return command;
}

/** Runs a verb in this process, as its entry would. @returns its exit code and what it wrote. */
async function runOrders(words: string[]): Promise<{ code: number; output: string }> {
  let output = '';
  let code = 0;
  const sink = { write: (text: string) => (output += text) };
  const program = createProgram(async (_command, body) => {
    const instance = new Cli(process.env, words.includes('--json'), sink, sink);
    try {
      code = (await body(instance)) ?? 0;
    } catch (error) {
      output += String(error);
      code = 1;
    } finally {
      await instance.resources.release();
    }
  });
  await throwing(program).parseAsync(words, { from: 'user' });
  return { code, output };
}

async function orders(line: string): Promise<void> {
  const [shown = '', target] = line.split(' > ');
  const filled = shown
    .replace(/\b801xx\w+\b|\bID\b/, await orderFor(wordsOf(shown)[0] ?? ''))
    .replace(/\b3f9a0c61d2b7\b/, await deadLetter());
  const more = ANSWERS.filter(([command]) => command.test(shown)).flatMap(([, words]) => words);
  const { code, output } = await runOrders([...wordsOf(filled), ...more]);
  expect({ code, output }).toEqual({
    code: MAY_SAY_NO.test(shown) ? 1 : 0,
    output: expect.stringMatching(/./) as string,
  });
  if (target === undefined) return;
  // Completion: the shell it is for must be able to read it, where that shell is here.
  const shell = shown.split(' ').at(-1) ?? '';
  if (spawnSync(shell, ['-c', 'true']).status !== 0) return;
  expect(spawnSync(shell, ['-n'], { input: output, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
}

/** In bash, in a folder of its own that has the files the pages speak of. Not waited for by blocking: the emulators are in this process. */
async function inShell(command: string): Promise<void> {
  const orderId = salesforce.store.rows('Order')[0]?.Id ?? '';
  const filled = command
    .replace('801...', orderId)
    // What curl prints of an error is no failure unless it is told so.
    .replace(/^curl /, 'curl --fail-with-body --silent --show-error ');
  const origin = new URL(cli.world.whmcs.apiUrl).origin;
  const env = { PATH: process.env['PATH'], HOME: folder, SALESFORCE: salesforce.loginUrl, WHMCS: origin };
  const output = await promisify(execFile)('bash', ['-euc', filled], { cwd: folder, env }).then(
    () => '',
    (error: unknown) => String(error),
  );
  expect(output).toBe('');
}

const has = (program: string): boolean => spawnSync('bash', ['-c', `command -v ${program}`]).status === 0;

const RUN: [RegExp, (command: string) => Promise<void> | void][] = [
  [/^orders /, (command) => orders(command.replace(/^orders /, ''))],
  [/^npm run orders -- /, (command) => orders(command.replace(/^npm run orders -- /, ''))],
  [/^curl /, (command) => (has('curl') ? inShell(command) : undefined)],
  [/^(openssl|chmod|cp|cd|sed|mkdir) |^\(umask |^for name in .*\n\s*install /, inShell],
];

describe('a command in the docs', () => {
  const shown = [...new Map(fenced.map((each) => [each.command, each])).values()];

  it.each(shown)('is run, or stood for: $command ($page)', async ({ command }: ShownCommand) => {
    const run = RUN.find(([kind]) => kind.test(command))?.[1];
    if (run !== undefined) return run(command);
    const standIn = STAND_INS.find((each) => each.shown.test(command));
    if (standIn === undefined)
      throw new Error(`Nothing runs "${command}": run it here, or name the test that stands for it`);
    for (const [file, name] of standIn.by) expect(readFileSync(join(ROOT, file), 'utf8')).toContain(name);
    return undefined;
  });

  it.each([
    ['bench', parseArguments],
    ['chaos', parseChaosArguments],
  ])('that starts %s has arguments that it takes', (name, parse) => {
    const of = shown.filter(({ command }) => command.startsWith(`npm run ${name}`));
    expect(of.length).toBeGreaterThan(0);
    for (const { command } of of) parse(wordsOf(command).slice(4));
  });

  it('that stands in for none any more is taken out of the table', () => {
    const idle = STAND_INS.filter(({ shown: pattern }) => !shown.some(({ command }) => pattern.test(command)));
    expect(idle.map(({ shown: pattern }) => pattern.source)).toEqual([]);
  });
});

describe('a command in running text', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  // docs/cli.md is made from the definitions themselves.
  const ofPeople = inline.filter(({ page }) => page !== join('docs', 'cli.md'));
  const shown = [...new Map(ofPeople.map((each) => [each.command, each])).values()];

  it.each(shown)('is one that there is: $command ($page)', async ({ command }: ShownCommand) => {
    const [program = '', first = '', ...rest] = wordsOf(command.replace(/<[a-z- ]+ [a-z- ]+>|<[a-z-]+>/g, 'ANY'));
    if (program === 'npm') {
      const [script] = first === 'run' ? rest.filter((word) => !word.startsWith('--')) : [first];
      expect(Object.keys(scripts)).toContain(script);
      if (script !== 'orders') return;
    }
    if (program === 'npx') {
      const files = [...command.matchAll(/\b(?:scripts|test|bench)\/[\w./-]+/g)].map(([path]) => path);
      for (const file of files)
        expect(existsSync(join(ROOT, file)) || existsSync(join(ROOT, `${file}.test.ts`))).toBe(true);
      return;
    }
    // A verb with its arguments: read, not run.
    const words = program === 'orders' ? [first, ...rest] : rest.slice(2);
    if (words[0] === 'ANY' || words.length === 0) return;
    let reached = false;
    const parser = createProgram(() => {
      reached = true;
      return Promise.resolve();
    });
    const parsed = throwing(parser).parseAsync(words, { from: 'user' });
    // Text may speak of a verb without its arguments.
    await parsed.catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'commander.missingArgument' });
      reached = true;
    });
    expect(reached).toBe(true);
  });
});
