import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startRedis } from '../sandbox/servers/redis';
import { provisionWorkflowId } from '../src/workflows/contract';
import { eventually } from '../test/support/eventually';
import { VIEWPORT, WebUi } from '../test/support/web-ui';
import { startWorldWithUi } from '../test/support/world-with-ui';

/** `npx tsx scripts/take-screenshots.ts [folder]`: takes the pictures of docs/web-ui.md anew, from orders of its own. */
const folder = process.argv[2] ?? join(__dirname, '..', 'docs', 'images');
/** The bar at the top covers what is scrolled to the very edge. */
const belowTheBar = (element: { style: { scrollMarginTop: string }; scrollIntoView(): void }): void => {
  element.style.scrollMarginTop = '80px';
  element.scrollIntoView();
};
/** Where all that the tab says is to be seen at once. */
const TALL = { ...VIEWPORT, height: 1000 };
const PATIENT = { timeoutMs: 120_000, everyMs: 500 };

async function main(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const releases: (() => Promise<void>)[] = [];
  try {
    const redis = await startRedis();
    releases.push(() => redis.stop());
    const own = await startWorldWithUi(redis.url);
    releases.push(() => own.close());
    const { world, uiUrl } = own;
    const activated = world.order({ products: ['1', '2'] });
    const failed = world.order({ products: [null] });
    const alsoFailed = [world.order({ whmcsClientId: null }), world.order({ billingCycle: 'fortnightly' })];
    for (const id of [activated, world.order(), world.order({ status: 'Draft' }), ...alsoFailed, failed])
      await world.orders.request(id, { trigger: 'cdc' });
    for (const id of [...alsoFailed, failed]) await world.in(id, 'AwaitingReprovision');
    await world.result(activated);

    const ui = await WebUi.open(uiUrl);
    releases.push(() => ui.close());
    const take = async (name: string): Promise<void> => {
      const path = join(folder, `${name}.png`);
      await ui.page.screenshot({ path, animations: 'disabled' });
      process.stdout.write(`${path}\n`);
    };

    await ui.workflow(provisionWorkflowId(failed));
    await ui.tab('User Metadata');
    await eventually(async () => {
      if (!(await ui.currentDetails()).includes('How to re-provision'))
        throw new Error('The details are not there yet.');
    }, PATIENT);
    await ui.page.setViewportSize(TALL);
    await take('failed-order');
    await ui.page.setViewportSize(VIEWPORT);
    await (await ui.openSignalForm()).getByRole('option', { name: /^reprovision/ }).hover();
    await take('send-signal');

    await ui.workflow(provisionWorkflowId(activated));
    await ui.page.getByText('invalidateCaches').first().waitFor();
    await ui.page.getByRole('heading', { name: 'Event History' }).evaluate(belowTheBar);
    await take('provisioned-order-timeline');
    await ui.tab('User Metadata');
    await eventually(async () => {
      if (!(await ui.currentDetails()).includes('Activated')) throw new Error('The details are not there yet.');
    }, PATIENT);
    await ui.page.setViewportSize(TALL);
    await take('provisioned-order');
    await ui.page.setViewportSize(VIEWPORT);

    await ui.list("ProvisioningPhase IN ('Activated', 'AwaitingReprovision', 'Skipped')");
    await ui.row(provisionWorkflowId(failed)).waitFor();
    await ui.columns({ remove: ['Run ID', 'Type', 'End'], add: ['ProvisioningPhase', 'WhmcsOrderId'] });
    await ui.page.getByRole('button', { name: 'Collapse saved views' }).click();
    await take('orders-list');
  } finally {
    for (let release = releases.pop(); release !== undefined; release = releases.pop()) await release();
  }
}

void main();
