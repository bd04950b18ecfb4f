import { isProvisioned, type SkipCode } from '../domain/guard';
import { finalFailure } from './failures';
import type { Memory } from './memory';
import { awaitPerson, compensate, soldTwice } from './rest';

/**
 * Whether Salesforce has the order as provisioned by somebody else, while WHMCS may hold one that this run added: a person sold it by
 * hand during an outage, and wrote that WHMCS order's id into Salesforce.
 * @param whmcsOrderId the one that Salesforce names
 */
export function isSoldOtherwise({ mayHaveAdded, made }: Memory, code: SkipCode, whmcsOrderId: string | null): boolean {
  return isProvisioned(code) && mayHaveAdded && (whmcsOrderId === null || whmcsOrderId !== made);
}

/**
 * Cancels what the run itself left Pending, with its invoice: nobody else ever would. What is Active by now is paid for twice, and which
 * of both is to stay only a person can say.
 * @returns whether that is all; false where the run waits for a person.
 */
export async function undoOwn(memory: Memory, whmcsOrderId: string | null): Promise<boolean> {
  let active: string | null;
  try {
    active = await compensate(memory, whmcsOrderId);
  } catch (error) {
    await awaitPerson(memory, finalFailure(error));
    return false;
  }
  if (active !== null) {
    await awaitPerson(memory, soldTwice(memory.orderId, active, whmcsOrderId));
    return false;
  }
  memory.status.whmcsOrderId = whmcsOrderId;
  return true;
}
