import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { findProgram } from '../../sandbox/servers/find-program';
import { ALERT_CASES, type AlertCase } from './alert-cases';
import { composeFile, ROOT } from './compose-file';

/** The alert rules as Prometheus itself evaluates them, over made-up series. That running processes show such series: test/end-to-end. */
const RULES = join(ROOT, 'deploy', 'prometheus', 'alerts.yaml');

interface Rule {
  alert: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}
const rules = (parse(readFileSync(RULES, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);

let promtool: string;
let folder: string;
beforeAll(async () => {
  promtool = await findProgram('promtool');
  folder = mkdtempSync(join(tmpdir(), 'order-provisioning-alerts-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What promtool says; a fault is thrown with it. */
function run(...args: string[]): string {
  try {
    return execFileSync(promtool, args, { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${stdout}${stderr}`);
  }
}

test('promtool finds no fault in the rules', () => {
  expect(run('check', 'rules', RULES)).toContain(`${rules.length} rules found`);
});

test('promtool can read every expression of the dashboard', () => {
  const text = readFileSync(join(ROOT, 'deploy', 'grafana', 'order-provisioning.json'), 'utf8');
  const { panels } = JSON.parse(text) as { panels: { targets?: { expr: string }[] }[] };
  // What Grafana puts in before it asks.
  const asked = panels.flatMap(({ targets = [] }) =>
    targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m')),
  );
  expect(asked.length).toBeGreaterThan(10);
  const file = join(folder, 'dashboard.yaml');
  const checked = (expressions: string[]) => {
    const recorded = expressions.map((expr, index) => ({ record: `panel:query${index}`, expr }));
    writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules: recorded }] }));
    return run('check', 'rules', file);
  };
  expect(checked(asked)).toContain(`${asked.length} rules found`);
  expect(() => checked(['sum by (topic (rate(x[5m])))'])).toThrow('could not parse expression');
});

test('each rule has its cases', () => {
  const cased = new Set(ALERT_CASES.map(({ alert }) => alert));
  expect([...cased].sort()).toEqual(rules.map(({ alert }) => alert).sort());
  for (const alert of cased) {
    const fires = ALERT_CASES.filter((one) => one.alert === alert).map((one) => one.fires !== undefined);
    expect([alert, fires]).toEqual([alert, expect.arrayContaining([true, false])]);
  }
});

describe('the configuration that the runbook shows', () => {
  const runbook = readFileSync(join(ROOT, 'docs', 'runbook.md'), 'utf8');
  const [, example = ''] = /```yaml\n(rule_files.*?)```/s.exec(runbook) ?? [];

  test('is one that Prometheus takes, with rules that link to the reader’s own runbook', () => {
    const [command = ''] = /^sed .*REPLACE_WITH_YOUR_REPOSITORY.*$/m.exec(runbook) ?? [];
    symlinkSync(join(ROOT, 'deploy'), join(folder, 'deploy'));
    execFileSync('bash', ['-euc', command], { cwd: folder });
    const links = [...readFileSync(join(folder, 'alerts.yaml'), 'utf8').matchAll(/runbook_url: (.*)/g)];
    expect(links).toHaveLength(rules.length);
    for (const [, link = ''] of links) {
      expect(link).toMatch(/^https:\/\/git\.example\.com\/\S+\/docs\/runbook\.md#\w+$/);
    }
    const file = join(folder, 'prometheus.yaml');
    writeFileSync(file, example);
    expect(run('check', 'config', file)).toContain(`${rules.length} rules found`);
  });

  test('scrapes every process of the installation where Compose publishes it', () => {
    interface Config {
      scrape_configs: { static_configs: { targets: string[] }[] }[];
    }
    const targets = (parse(example) as Config).scrape_configs.flatMap(({ static_configs: some }) =>
      some.flatMap((one) => one.targets),
    );
    const processes = Object.entries(composeFile().services).filter(
      ([, { image, profiles }]) => image?.startsWith('order-provisioning:') && profiles?.includes('production'),
    );
    const published = processes.map(([name, { ports = [], environment }]) => {
      const port = environment!['HTTP_PORT'];
      // In its own network it is read by its name.
      expect(runbook).toContain(`\`${name}:${port}\``);
      const [, address = `${name} is not published`] =
        ports.map((one) => new RegExp(`^(.*):${port}$`).exec(one)).find((match) => match !== null) ?? [];
      return address;
    });
    expect(targets.toSorted()).toEqual(published.sort());
  });
});

/** The case as a test of promtool's. */
function unitTest({ alert, when, series, at, fires }: AlertCase) {
  const rule = rules.find((one) => one.alert === alert)!;
  const annotations = { ...rule.annotations, summary: fires?.summary };
  const expected = { exp_labels: { ...rule.labels, ...fires?.labels }, exp_annotations: annotations };
  return {
    name: when,
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: fires === undefined ? [] : [expected] }],
  };
}

test.each(rules)('$alert fires when it should, and not otherwise', ({ alert }) => {
  const file = join(folder, `${alert}.test.yaml`);
  const tests = ALERT_CASES.filter((one) => one.alert === alert).map(unitTest);
  expect(tests.length).toBeGreaterThan(1);
  writeFileSync(file, stringify({ rule_files: [RULES], evaluation_interval: '30s', tests }));
  expect(run('test', 'rules', file)).toContain('SUCCESS');
});
