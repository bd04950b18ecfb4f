import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { FAILURES } from '../../src/domain/failure';
import { ALERT_CASES } from '../deploy/alert-cases';
import { eventually } from '../support/eventually';
import { scraped, selectorsOf, type Selected } from '../support/promql';
import { RunningProduct } from '../support/running-product';

/** The alerts and the dashboard ask for what running processes really show, and each alert has its page in the runbook. */
const read = (...path: string[]): string => readFileSync(join(__dirname, '..', '..', ...path), 'utf8');

const PRICES = '/data/PricebookEntryChangeEvent';

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook_url: string };
}
const rules = (parse(read('deploy', 'prometheus', 'alerts.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const dashboard = JSON.parse(read('deploy', 'grafana', 'order-provisioning.json')) as {
  panels: { id: number; title: string; targets?: { expr: string }[] }[];
};
const panels = dashboard.panels.flatMap(({ title, targets }) => (targets ?? []).map(({ expr }) => ({ title, expr })));
const asked = [...rules.map(({ alert, expr }) => ({ title: alert, expr })), ...panels];
/** The series that the rules are evaluated over, so that they are like the real ones. */
const madeUp = [...new Set(ALERT_CASES.flatMap(({ series }) => Object.keys(series)))];

describe('the alerts', () => {
  const headings = [...read('docs', 'runbook.md').matchAll(/^### (\w+)$/gm)].map(([, name = '']) => name);

  it('each have a severity, and a heading in the runbook that they link to', () => {
    for (const { alert, labels, annotations } of rules) {
      expect(['page', 'ticket']).toContain(labels.severity);
      expect(annotations.summary).not.toBe('');
      expect(annotations.runbook_url).toBe(
        `https://REPLACE_WITH_YOUR_REPOSITORY/docs/runbook.md#${alert.toLowerCase()}`,
      );
      expect(headings).toContain(alert);
    }
  });

  it('are all that the runbook speaks of', () => {
    const alerts = rules.map(({ alert }) => alert);
    expect(new Set(alerts).size).toBe(alerts.length);
    expect(headings.filter((name) => /^[A-Z]\w+[A-Z]/.test(name) && !alerts.includes(name))).toEqual([]);
  });
});

describe('the metrics that alerts and dashboard name', () => {
  let product: RunningProduct;
  let seen: Map<string, Set<string>>;

  async function scrape(): Promise<Map<string, Set<string>>> {
    const texts = [];
    for (const { url } of product.processes.values()) texts.push(await (await fetch(`${url}/metrics`)).text());
    return scraped(texts.join('\n'));
  }

  beforeAll(async () => {
    product = await RunningProduct.start({ WHMCS_MAX_CONCURRENT_CALLS: '5' });
    const [, , portal] = await Promise.all([product.run('worker'), product.run('listener'), product.run('portal')]);
    const { salesforce, whmcs } = product.sandbox;
    // What only shows itself in trouble: a dead letter, a topic that is refused, a hole in the stream, code that fails.
    salesforce.faults.events.withoutHeader('/data/OrderChangeEvent');
    salesforce.faults.forbid(PRICES);
    salesforce.faults.cutStreams({ topic: PRICES });
    salesforce.faults.events.overflow('Order');
    await product.client.workflow.start('noSuchWorkflow', {
      workflowId: 'no-such-workflow',
      taskQueue: 'order-provisioning',
    });
    const failing = product.draft({}, 'MAINFRAME');
    product.approve(failing);
    await eventually(() => expect(product.field(failing, 'Activation_Status__c')).toBe('Failed'));
    await product.caughtUp();
    await fetch(`${portal.url}/orders/${failing}`);
    whmcs.faults.add({ kind: '403auth', count: 1 });
    product.approve(product.draft());
    seen = await eventually(
      async () => {
        const now = await scrape();
        for (const { metric } of asked.flatMap(({ expr }) => selectorsOf(expr))) {
          if (!now.has(metric)) throw new Error(`${metric} is not shown by any process`);
        }
        return now;
      },
      { timeoutMs: 45_000, everyMs: 250 },
    );
  });
  afterAll(() => product.stop());

  it.each(asked)('are shown, with those labels, by running processes: $title', ({ expr }) => {
    const selectors = selectorsOf(expr);
    expect(selectors).not.toEqual([]);
    for (const { metric, labels } of selectors) {
      // Prometheus itself adds the instance.
      const shown = [...(seen.get(metric) ?? []), 'instance'];
      expect({ metric, missing: labels.filter((label) => !shown.includes(label)) }).toEqual({ metric, missing: [] });
    }
  });

  it.each(madeUp)('have the labels that the test of the rules makes up: %s', (series) => {
    const [{ metric, labels }] = selectorsOf(series) as [Selected];
    const shown = [...(seen.get(metric) ?? []), 'instance'];
    expect({ metric, missing: labels.filter((label) => !shown.includes(label)) }).toEqual({ metric, missing: [] });
  });

  it('have outcomes that are in the error catalogue', () => {
    const outcomes = asked
      .flatMap(({ expr }) => selectorsOf(expr))
      .filter(({ metric }: Selected) => metric.includes('_call_seconds'))
      .flatMap(({ values }) => values['outcome'] ?? []);
    expect(outcomes).toContain('WHMCS_CREDENTIALS_REFUSED');
    for (const outcome of outcomes) expect(['ok', ...Object.keys(FAILURES)]).toContain(outcome);
  });

  it.each([
    ['orders that wait for a person', /^order_provisioning_orders_waiting_for_person\{.*\} 1$/m],
    [
      'calls that WHMCS refused for our credentials',
      /^order_provisioning_whmcs_call_seconds_count\{.*outcome="WHMCS_CREDENTIALS_REFUSED".*\} 1$/m,
    ],
  ])('count %s', async (_what, line) => {
    const { url } = product.processes.get('worker')!;
    await eventually(
      async () => {
        const text = await (await fetch(`${url}/metrics`)).text();
        if (!line.test(text)) throw new Error(`${String(line)} is not in the worker's metrics`);
      },
      { timeoutMs: 45_000, everyMs: 250 },
    );
  });
});
