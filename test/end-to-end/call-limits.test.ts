import type { RunningProcess } from '../../sandbox/processes';
import type { OrderId } from '../../src/domain/order';
import { RunningProduct } from '../support/running-product';

/** What WHMCS sees of two workers that share a limit: never more calls at once than that, and every order. */
const AT_ONCE = 2;

async function hasCalledWhmcs({ url }: RunningProcess): Promise<boolean> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return /^order_provisioning_call_limit_wait_seconds_count\{.*vendor="whmcs".*\} [1-9]/m.test(metrics);
}

describe('a limit of calls that holds over all workers', () => {
  let product: RunningProduct;
  const workers: RunningProcess[] = [];
  let watching: NodeJS.Timeout | undefined;

  beforeAll(async () => {
    product = await RunningProduct.start({
      WHMCS_MAX_CONCURRENT_CALLS: String(AT_ONCE),
      SF_MAX_CALLS_PER_SECOND: '100',
    });
    const [one, two] = await Promise.all([product.run('worker'), product.run('worker'), product.run('listener')]);
    workers.push(one, two);
  });
  afterAll(async () => {
    clearInterval(watching);
    for (const worker of workers) await worker.stop();
    await product.stop();
  });

  it('is kept, as WHMCS counts it, and every order is provisioned once', async () => {
    const { ledger, faults } = product.sandbox.whmcs;
    faults.add({ kind: 'latency', ms: 100 });
    let most = 0;
    watching = setInterval(() => {
      most = Math.max(most, ledger.calls().filter(({ outcome }) => outcome === 'open').length);
    }, 5);
    const orders: OrderId[] = [];
    // Temporal hands the orders out as it likes: more are approved until each worker has had some.
    while (!(await Promise.all(workers.map(hasCalledWhmcs))).every(Boolean)) {
      const batch = Array.from({ length: 8 }, () => product.draft());
      batch.forEach((orderId) => product.approve(orderId));
      for (const orderId of batch) await product.activated(orderId, 120_000);
      orders.push(...batch);
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(AT_ONCE);
    for (const orderId of orders) expect(product.books(orderId)).toHaveLength(1);
  });
});
