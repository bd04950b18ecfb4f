import { provisionWorkflowId } from '../../src/workflows/contract';
import { eventually } from '../support/eventually';
import type { ProvisioningWorld } from '../support/provisioning-world';
import { WebUi } from '../support/web-ui';
import { startWorldWithUi, type WorldWithUi } from '../support/world-with-ui';

/** The Web UI tells the story, and lets a person act on it, without a word of our code or our commands. */
describe('a failed order in the Web UI', () => {
  let own: WorldWithUi;
  let world: ProvisioningWorld;
  let ui: WebUi;
  beforeAll(async () => {
    own = await startWorldWithUi();
    ({ world } = own);
    ui = await WebUi.open(own.uiUrl);
  });
  // What did not come up need not go down.
  afterAll(async () => {
    await (ui as WebUi | undefined)?.close();
    await (own as WorldWithUi | undefined)?.close();
  });

  it('is found by its phase, says what is wrong, and goes on after the signal that a person sends', async () => {
    const orderId = world.order({ products: [null] });
    const workflowId = provisionWorkflowId(orderId);
    await world.orders.request(orderId, { trigger: 'cdc' });
    await world.in(orderId, 'AwaitingReprovision');
    await eventually(() => expect(world.record(orderId).activation).toBe('Failed'));

    // Visibility lags by a moment: the list is asked again, as a person would.
    await eventually(async () => {
      await ui.list("ProvisioningPhase = 'AwaitingReprovision'");
      await ui.row(workflowId).waitFor({ timeout: 5_000 });
    }, PATIENT);
    await ui.openFromList(workflowId);
    await ui.tab('User Metadata');
    expect(await ui.summary()).toContain(orderId);
    const item = world.salesforce.store.rows('OrderItem').find((row) => row['OrderId'] === orderId)!;
    await eventually(async () => {
      const told = await ui.currentDetails();
      expect(told).toMatch(/^AwaitingReprovision/);
      expect(told).toContain('PRODUCT_NOT_LINKED');
      expect(told).toContain(item['Id']);
      expect(told).toMatch(/What to do: \S.*then re-provision the order/);
      expect(told).toMatch(/Send a Signal, reprovision/);
      expect(await ui.showsAllDetails()).toBe(true);
      expect(told).toMatch(/waits until \d{4}-\d\d-\d\d/);
    }, PATIENT);

    world.edit('Product2', String(item['Product2Id']), { WHMCS_Product_ID__c: '1' });
    await ui.sendSignal('reprovision');

    expect(await world.result(orderId)).toMatchObject({ phase: 'Activated', attempt: 2 });
    await eventually(async () => {
      await ui.workflow(workflowId);
      await ui.tab('User Metadata');
      expect(await ui.currentDetails()).toMatch(/^Activated/);
      expect(await ui.showsAllDetails()).toBe(true);
    }, PATIENT);
    const [sold] = world.books(orderId);
    expect(world.books(orderId)).toEqual([{ id: expect.any(Number) as number, status: 'Active' }]);
    expect(await ui.currentDetails()).toContain(`WHMCS order ${sold!.id}`);
    expect(world.record(orderId)).toEqual({
      activation: 'Activated',
      errorCode: null,
      errorMessage: null,
      whmcsOrderId: String(sold!.id),
    });

    await eventually(async () => {
      await ui.list("ProvisioningPhase = 'Activated'");
      await ui.row(workflowId).waitFor({ timeout: 5_000 });
    }, PATIENT);
    await ui.list("ProvisioningPhase = 'AwaitingReprovision'");
    await ui.page.getByRole('heading', { name: /^0 Workflows/ }).waitFor();
  }, 300_000);
});

const PATIENT = { timeoutMs: 90_000, everyMs: 200 };
