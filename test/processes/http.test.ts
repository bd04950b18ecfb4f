import { createHttp, listen, serveHealth } from '../../src/processes/http';
import { createMetrics } from '../../src/observability/metrics';

it.each<[string, () => Promise<string>, RegExp]>([
  ['follow where they can be had', () => Promise.resolve('temporal_long_request 1\n'), /^temporal_long_request 1$/m],
  ['are left out where they cannot', () => Promise.reject(new Error('refused')), /^# further metrics cannot be had$/m],
])("metrics of Temporal's runtime %s, behind those of the process", async (_what, moreMetrics, more) => {
  const app = createHttp();
  serveHealth(app, { metrics: createMetrics('worker'), moreMetrics, health: () => ({ ready: true }) });
  const answer = await fetch(`${await listen(app, { host: '127.0.0.1', port: 0 })}/metrics`);
  const body = await answer.text();
  expect(answer.status).toBe(200);
  expect(body).toMatch(/^order_provisioning_process_cpu_seconds_total/m);
  expect(body).toMatch(more);
  await app.close();
});
