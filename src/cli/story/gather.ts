import { ConfigurationError } from '../../config/load';
import type { OrderId } from '../../domain/order';
import type { Cli } from '../cli';
import { CliFailure, EXIT, tell } from '../failure';
import { known, type OrderFacts, type SalesforceFacts, type Seen, type WhmcsFacts } from './facts';

/** Asks one system. What is wrong with the environment is thrown; anything else becomes part of the story. */
async function ask<T>(question: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { is: 'known', value: await question() };
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    if (error instanceof CliFailure && error.exitCode === EXIT.usage) throw error;
    return { is: 'unreachable', failure: tell(error).told };
  }
}

/** Whether none of the variables is set: the system is not meant to be asked from here, which is no fault. */
function isUnset(cli: Cli, variables: readonly string[]): boolean {
  return variables.every((name) => (cli.environment[name] ?? '').trim() === '');
}

const SALESFORCE = ['SF_LOGIN_URL', 'SF_CLIENT_ID'];
const WHMCS = ['WHMCS_API_URL', 'WHMCS_API_IDENTIFIER', 'WHMCS_API_SECRET'];
const unset = (variables: readonly string[]) =>
  ({ is: 'not-asked', why: `${variables.join(', ')} are not set` }) as const;

/**
 * All that the systems say of an order. They are asked side by side, but for WHMCS, whose client the order in Salesforce names.
 * @throws ConfigurationError where a variable is wrong; a system none of whose variables is set is left out.
 */
export async function gather(cli: Cli, orderId: OrderId): Promise<OrderFacts> {
  const salesforce = askSalesforce(cli, orderId);
  const [temporal, cache, whmcs] = await Promise.all([
    ask(async () => (await (await cli.temporal()).operator.story(orderId)) ?? null),
    ask(() => cli.cachedOrder(orderId)),
    salesforce.then((seen) => askWhmcs(cli, orderId, seen)),
  ]);
  const { provisionStatuses } = cli.config.policy(cli.environment);
  return { orderId, salesforce: await salesforce, temporal, whmcs, cache, provisionStatuses };
}

function askSalesforce(cli: Cli, orderId: OrderId): Promise<Seen<SalesforceFacts | null>> {
  if (isUnset(cli, SALESFORCE)) return Promise.resolve(unset(SALESFORCE));
  return ask(async () => {
    const { orders, probe } = cli.salesforce();
    const order = await orders.read(orderId);
    return order === undefined ? null : { order, lastError: await probe.lastError(orderId) };
  });
}

async function askWhmcs(
  cli: Cli,
  orderId: OrderId,
  salesforce: Seen<SalesforceFacts | null>,
): Promise<Seen<WhmcsFacts>> {
  if (isUnset(cli, WHMCS)) return unset(WHMCS);
  const order = known(salesforce)?.order;
  if (order === undefined) return { is: 'not-asked', why: 'the order in Salesforce would say which client to look at' };
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
}
