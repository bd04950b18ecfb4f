import type { OrderId, SalesforceOrder } from '../../domain/order';
import type { Cli } from '../cli';
import { CliFailure } from '../failure';

/** @throws CliFailure `UNKNOWN_ORDER` where Salesforce has no such order. */
export async function requireKnownOrder(cli: Cli, orderId: OrderId): Promise<SalesforceOrder> {
  const order = await cli.salesforce().orders.read(orderId);
  if (order === undefined) throw unknownOrder(orderId);
  return order;
}

export function unknownOrder(orderId: OrderId): CliFailure {
  return new CliFailure({
    code: 'UNKNOWN_ORDER',
    message: `Neither Salesforce nor Temporal knows order ${orderId}`,
    advice:
      'Letters of an id differ by upper and lower case; the 18-character form is safe to copy. Check too that SF_LOGIN_URL is the org you mean.',
  });
}
