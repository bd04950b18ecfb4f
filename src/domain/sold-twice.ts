import type { OrderId } from './order';

/**
 * What is said of an order that WHMCS bills and Salesforce has as sold otherwise, with the code `WHMCS_DUPLICATE_ACTIVE`.
 * @param named the WHMCS order that Salesforce names; null where it says Activated and names none
 */
export function soldTwiceMessage(orderId: OrderId, active: string, named: string | null): string {
  const known = named === null ? 'Activated without one' : `WHMCS order ${named}`;
  return `WHMCS order ${active} is active for order ${orderId}, which Salesforce has as ${known}`;
}
