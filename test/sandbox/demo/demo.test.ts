import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../../sandbox/servers/find-program';
import { eventually } from '../../support/eventually';

/** `npm run demo` itself, as a person runs it. */

const ROOT = join(__dirname, '..', '..', '..');
const LIMIT_MS = 240_000;

/** What a person may have exported for an installation of theirs: none of it may reach the demo. */
const ELSEWHERE = {
  SF_PROVISION_EVENT_CHANNEL: '/event/Order_Fulfilment_Requested__e',
  SF_USERNAME: 'someone@example.com',
  SF_FIELDS_FILE: '/nowhere/fields.json',
  TEMPORAL_API_KEY: 'key',
  TEMPORAL_CODEC_KEYS_FILE: '/nowhere/keys.json',
  WHMCS_MARKER_FIELD: 'Another field',
  REDIS_CLUSTER_URLS: 'redis://127.0.0.1:1',
  PORTAL_TOKEN: 'token',
  HTTP_PORT: '1',
  https_proxy: 'http://127.0.0.1:9',
  http_proxy: 'http://127.0.0.1:9',
};

class Demo {
  output = '';
  readonly mark = randomUUID();
  readonly end: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(args: string[], env: Record<string, string> = {}) {
    this.child = spawn(process.execPath, [join(ROOT, 'scripts', 'run.mjs'), 'demo', ...args], {
      cwd: ROOT,
      env: { ...process.env, DEMO_MARK: this.mark, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.end = new Promise((resolve) => this.child.once('close', resolve));
  }

  /** The cells of the table, a row for each order. */
  rows(): string[][] {
    const lines = this.output.split('\n').filter((line) => line.startsWith('│ 801'));
    return lines.map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }

  /** The process of the product with this name. */
  pidOf(name: string): number {
    const pids = readdirSync('/proc').filter(
      (pid) => /^\d+$/.test(pid) && isOf(pid, this.mark, `processes/${name}.ts`),
    );
    expect(pids).toHaveLength(1);
    return Number(pids[0]);
  }

  stop(): void {
    this.child.kill('SIGTERM');
  }
}

function isOf(pid: string, mark: string, file: string): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    return environment.includes(`DEMO_MARK=${mark}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(file);
  } catch {
    return false;
  }
}

/** Does what a line of curl would, where there may be no curl. */
async function curl(line: string): Promise<string> {
  const [url = ''] = /http:\S+/.exec(line) ?? [];
  const body = / -d '(.*)'$/.exec(line)?.[1];
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await fetch(url, {
    method: line.includes(' -X POST ') ? 'POST' : 'GET',
    ...(body === undefined ? {} : { body, headers }),
  });
  expect([line, response.ok]).toEqual([line, true]);
  return response.text();
}

/** Every order in its place: in WHMCS, in its run, and in the portal before and after. */
function expectSound(demo: Demo): void {
  const rows = demo.rows().map(([, role, whmcsOrderId, ...rest]) => [role, whmcsOrderId === '-', ...rest]);
  const shown = (before: string, after: string) => [
    expect.stringMatching(new RegExp(`^${before} \\(hit\\)$`)) as string,
    expect.stringMatching(new RegExp(`^${after} \\((hit|miss|coalesced)\\)$`)) as string,
    'ok',
  ];
  expect(rows).toEqual([
    ...Array.from({ length: 20 }, () => ['approved', false, 'Activated', ...shown('Draft', 'Approved, Activated')]),
    ['already provisioned', false, 'Skipped', ...shown('Draft, Activated', 'Approved, Activated')],
    ['cancelled', true, 'no run', ...shown('Draft', 'Cancelled')],
    ['bad product', true, 'AwaitingReprovision', ...shown('Draft', 'Approved, Failed')],
  ]);
  expect(demo.output).toContain('Verdict: sound.');
  expect(demo.output).toMatch(/^Web UI: http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows$/m);
}

test(
  'every order is as it should be, whatever its caller has exported for another installation',
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'demo-home-'));
    mkdirSync(join(home, '.config', 'temporalio'), { recursive: true });
    writeFileSync(
      join(home, '.config', 'temporalio', 'temporal.toml'),
      '[profile.default]\naddress = "temporal.example:7233"\n[profile.default.tls]\nserver_name = "temporal.example"\n',
    );
    const programs = {
      TEMPORAL_CLI_PATH: await findProgram('temporal'),
      REDIS_SERVER_PATH: await findProgram('redis-server'),
    };
    const user = { HOME: home, XDG_CONFIG_HOME: '', ...programs };
    const demo = new Demo([], { ...user, ...ELSEWHERE });
    const code = await demo.end;
    rmSync(home, { recursive: true });
    expect([code, demo.output]).toEqual([0, expect.stringContaining('Verdict') as string]);
    expectSound(demo);
  },
  LIMIT_MS,
);

test(
  'in dual mode, kept: it tells how to drive it, that works, and the death of a process ends it with 1 and its last words',
  async () => {
    const demo = new Demo(['--mode', 'dual', '--keep']);
    try {
      await eventually(() => expect(demo.output).toContain('Ctrl-C stops everything.'), { timeoutMs: LIMIT_MS / 2 });
      expectSound(demo);
      const guide = demo.output.slice(demo.output.indexOf('Verdict'));
      expect(guide).toMatch(/export SF_PROVISION_EVENT_CHANNEL=\/event\/Order_Fulfilment_Requested__e\n/);
      const tell = (what: string) => curl(new RegExp(`^ +${what} +(curl .*)$`, 'm').exec(guide)?.[1] ?? '');
      await tell('approve an order');
      expect(await tell('an order in it')).toMatch(/"activationStatus":(null|"Activating")/);
      await tell('and request it');
      await eventually(async () => expect(await tell('an order in it')).toContain('"activationStatus":"Activated"'));

      process.kill(demo.pidOf('worker'), 'SIGKILL');
      expect(await demo.end).toBe(1);
      expect(demo.output).toContain('The worker was ended by SIGKILL');
      expect(demo.output).toMatch(/The last lines of the worker:\n {2}\{"level"/);
    } finally {
      demo.stop();
      await demo.end;
    }
  },
  LIMIT_MS,
);

test.each([[['--nonsense']], [['--mode', 'triple']], [['stray']]])(
  '%j is refused with 2 and the usage',
  async (args) => {
    const demo = new Demo(args);
    expect(await demo.end).toBe(2);
    expect(demo.output).toMatch(/^demo: .+\nUsage: npm run demo/);
    expect(demo.output).not.toMatch(/^\s+at /m);
  },
);
