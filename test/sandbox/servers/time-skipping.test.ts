import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createTimeSkippingEnvironment } from '../../support/servers';

let environment: TestWorkflowEnvironment;

beforeAll(async () => {
  environment = await createTimeSkippingEnvironment();
});
afterAll(() => environment.teardown());

test('a day passes in a moment', async () => {
  const before = await environment.currentTimeMs();
  await environment.sleep('1 day');
  expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(86_400_000);
});
