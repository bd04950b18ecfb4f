import type { OrderId } from '../../domain/order';
import type { Cli } from '../cli';
import { ask, askNamed } from './ask';
import { known, type OrderFacts, type SalesforceFacts, type Seen, type WhmcsFacts } from './facts';

/**
 * All that the systems say of an order. They are asked side by side, but for WHMCS, whose client the order in Salesforce names.
 * @throws ConfigurationError where a variable is wrong; a system none of whose variables is set is left out.
 */
export async function gather(cli: Cli, orderId: OrderId): Promise<OrderFacts> {
  const salesforce = askSalesforce(cli, orderId);
  const [temporal, cache, whmcs] = await Promise.all([
    ask(async () => (await (await cli.temporal()).operator.story(orderId)) ?? null),
    askNamed(cli, 'redis', () => ask(() => cli.cachedOrder(orderId))),
    salesforce.then((seen) => askWhmcs(cli, orderId, seen)),
  ]);
  const { provisionStatuses } = cli.config.policy(cli.environment);
  return { orderId, salesforce: await salesforce, temporal, whmcs, cache, provisionStatuses };
}

function askSalesforce(cli: Cli, orderId: OrderId): Promise<Seen<SalesforceFacts | null>> {
  return askNamed(cli, 'salesforce', () =>
    ask(async () => {
      const { orders, probe } = cli.salesforce();
      const order = await orders.read(orderId);
      return order === undefined ? null : { order, lastError: await probe.lastError(orderId) };
    }),
  );
}

function askWhmcs(cli: Cli, orderId: OrderId, salesforce: Seen<SalesforceFacts | null>): Promise<Seen<WhmcsFacts>> {
  return askNamed(cli, 'whmcs', async (): Promise<Seen<WhmcsFacts>> => {
    const order = known(salesforce)?.order;
    if (order === undefined)
      return { is: 'not-asked', why: 'the order in Salesforce would say which client to look at' };
    const { whmcsClientId, whmcsOrderId } = order;
    if (whmcsClientId === null && whmcsOrderId === null) {
      return { is: 'not-asked', why: 'the order’s account has no WHMCS client id' };
    }
    return ask(async () => {
      const { probe } = cli.whmcs();
      const named = whmcsOrderId === null ? null : { whmcsOrderId, status: (await probe.status(whmcsOrderId)) ?? null };
      const marked = whmcsClientId === null ? [] : await probe.marked({ id: orderId, whmcsClientId });
      return { marked, named };
    });
  });
}
