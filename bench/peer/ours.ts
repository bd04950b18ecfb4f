import { RunningProduct } from '../../test/support/running-product';
import { Shop, whmcsWith } from '../orders/shop';
import type { OrderId } from '../../src/domain/order';
import { PROVISION_ORDER, provisionWorkflowId } from '../../src/workflows/contract';
import type { Contestant, Limits } from './contestant';
import type { LosableRedis } from './redis';

/** The product: its own listener and worker processes. */
export class Ours implements Contestant {
  readonly name = 'order-provisioning';

  private constructor(
    readonly shop: Shop,
    private readonly product: RunningProduct,
    private readonly redis: LosableRedis,
  ) {}

  /** @param customers orders that its shop can have @param build folder of the build that it runs */
  static async start(customers: number, redis: LosableRedis, build: string): Promise<Ours> {
    const product = await RunningProduct.start(
      { LOG_LEVEL: 'info', WHMCS_QUIET_PERIOD: '2 seconds' },
      { temporal: { headless: true }, redisUrl: redis.url, whmcs: { seed: whmcsWith(customers) } },
      build,
    );
    return new Ours(new Shop(product.sandbox.salesforce, product.sandbox.whmcs), product, redis);
  }

  async startListener(): Promise<void> {
    await this.product.run('listener');
  }

  async startWorker({ whmcsTimeoutMs }: Limits): Promise<void> {
    await this.product.run('worker', { WHMCS_TIMEOUT: `${whmcsTimeoutMs / 1000} seconds` });
  }

  async kill(process: 'listener' | 'worker'): Promise<void> {
    const running = this.product.processes.get(process);
    running?.child.kill('SIGKILL');
    await running?.stop();
  }

  emptyRedis(): Promise<void> {
    return this.redis.empty();
  }

  async atRest(orders: readonly OrderId[]): Promise<boolean> {
    const asked = new Set(orders.map(provisionWorkflowId));
    const query = `WorkflowType = '${PROVISION_ORDER}' AND ExecutionStatus = 'Running'`;
    for await (const { workflowId } of this.product.client.workflow.list({ query })) {
      if (asked.has(workflowId)) return false;
    }
    return true;
  }

  stop(): Promise<void> {
    return this.product.stop();
  }
}
