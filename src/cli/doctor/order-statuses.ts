import { fail, ok, type Finding } from './check';

const REPAIR =
  'Add it in Setup, Object Manager, Order, Fields, Status (docs/salesforce-setup.md, "Order statuses"), or correct PROVISION_STATUSES.';

/**
 * Whether an order can have each status that asks for provisioning. One that none can have provisions nothing, and nobody would be
 * told. Compared as the guards do: by every letter. Pure.
 * @param wanted `PROVISION_STATUSES`
 * @param offered the values of Order.Status
 */
export function orderStatuses(wanted: readonly string[], offered: readonly string[]): Finding {
  const missing = wanted.filter((status) => !offered.includes(status));
  if (missing.length === 0) return ok(`${wanted.join(', ')} are values of Order.Status`);
  const named = missing.map((status) => {
    const meant = offered.find((value) => value.toLowerCase() === status.toLowerCase());
    return meant === undefined ? status : `${status} (the org writes it ${meant})`;
  });
  return fail(`PROVISION_STATUSES names what Order.Status has not: ${named.join(', ')}`, REPAIR);
}
