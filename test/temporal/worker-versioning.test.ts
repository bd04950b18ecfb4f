import { createOrderWorkflows } from '../../src/temporal/orders';
import { eventually } from '../support/eventually';
import { RunningProduct } from '../support/running-product';

const DEPLOYMENT = 'orders-test';

/** Worker versioning as an operator sets it: two variables of the worker's process, and a version that is made current. */
describe('workers that are versions of a deployment', () => {
  let product: RunningProduct;
  beforeAll(async () => {
    product = await RunningProduct.start();
  });
  afterAll(() => (product as RunningProduct | undefined)?.stop(), 60_000);

  /** As `temporal worker deployment set-current-version` does, once the version's worker has polled. */
  async function makeCurrent(buildId: string): Promise<void> {
    await eventually(
      () =>
        product.client.workflowService.setWorkerDeploymentCurrentVersion({
          namespace: product.client.options.namespace,
          deploymentName: DEPLOYMENT,
          buildId,
        }),
      { timeoutMs: 60_000 },
    );
  }

  it('provision under the version that is current, by its deployment’s name and build id', async () => {
    await product.run('worker', { WORKER_DEPLOYMENT_NAME: DEPLOYMENT, WORKER_BUILD_ID: 'build-7' });
    await makeCurrent('build-7');
    const orderId = product.draft();
    product.approve(orderId);
    const orders = createOrderWorkflows(product.client, product.env['TEMPORAL_TASK_QUEUE'] ?? 'order-provisioning');
    await orders.request(orderId, { trigger: 'cdc' });
    await product.activated(orderId);
    const { raw } = await product.handle(orderId).describe();
    expect(raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion).toMatchObject({
      deploymentName: DEPLOYMENT,
      buildId: 'build-7',
    });
  });
});
