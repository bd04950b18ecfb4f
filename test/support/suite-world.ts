import { ProvisioningWorld } from './provisioning-world';

/** A world on the dev server for the tests of a file or block: it is there before the first, has no faults after each, and is gone after the last. */
export function withWorld(use: (world: ProvisioningWorld) => void): void {
  let world: ProvisioningWorld;
  beforeAll(async () => {
    world = await ProvisioningWorld.onDevServer();
    use(world);
  });
  afterAll(() => world.close());
  afterEach(() => {
    world.whmcs.faults.clear();
    world.salesforce.rest.faults.clear();
  });
}
