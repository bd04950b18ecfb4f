import { ACTIVATION, type SalesforceOrder } from './order';

/**
 * Whether a Pending WHMCS order with an order's marker is one that nobody will accept any more: the order is Activated with
 * another, or has been given another's id, or it is gone, or no longer to be provisioned, or Failed (whoever provisions it again looks first, and adds anew where
 * nothing is Pending). Judged on the order as read from Salesforce, and only where no
 * run of the order is open: a living run knows what it is about.
 *
 * Such orphans are made by an AddOrder that commits after everyone has stopped waiting for it (docs/failures.md, WHMCS_AMBIGUOUS).
 */
export function isOrphan(
  order: SalesforceOrder | undefined,
  pendingWhmcsOrderId: string,
  { provisionStatuses }: { provisionStatuses: readonly string[] },
): boolean {
  if (order === undefined) return true;
  if (order.whmcsOrderId === pendingWhmcsOrderId) return false;
  // Whatever its activation says: a person may have sold it by hand, and the guards let no run near it any more.
  if (order.whmcsOrderId !== null) return true;
  return order.activationStatus === ACTIVATION.failed || !provisionStatuses.includes(order.status);
}
