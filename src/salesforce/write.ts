import { ProvisioningFailure } from '../domain/failure';
import type { RecordId } from '../domain/record-id';
import { classifyErrors, isDeleted, vendorErrors, type VendorError } from './failures';
import type { SalesforceSession } from './session';

/** Fields of a record to be set; null empties one. */
export interface RecordUpdate {
  type: 'Order' | 'OrderItem';
  id: RecordId;
  values: Readonly<Record<string, string | null>>;
}

/** The most records in one request (REST API Developer Guide, "Update Multiple Records with Fewer Round-Trips"). */
export const MOST_RECORDS = 200;

/**
 * Updates records of several types in one transaction: all of them, or none (`allOrNone`).
 *
 * One call; a second one only where items have been deleted in Salesforce meanwhile: the order was sold with them, and must still be
 * written back without them.
 * @throws ProvisioningFailure of the catalogue, or what the session's guard throws; then nothing has been written.
 */
export async function saveTogether(
  session: SalesforceSession,
  updates: readonly RecordUpdate[],
  about: string,
): Promise<void> {
  const failed = await attempt(session, updates, about);
  if (failed.size === 0) return;
  const gone = [...failed].filter(([, errors]) => errors.every(isDeleted)).map(([id]) => id);
  const items = updates.filter(({ type, id }) => type === 'OrderItem' && gone.includes(id));
  if (items.length > 0 && items.length === failed.size) {
    const left = updates.filter((update) => !items.includes(update));
    const again = left.length === 0 ? failed : await attempt(session, left, about);
    if (left.length === 0 || again.size === 0) return;
    throw classify([...again.values()].flat(), about);
  }
  throw classify([...failed.values()].flat(), about);
}

function classify(errors: readonly VendorError[], about: string): ProvisioningFailure {
  return classifyErrors(about, errors, { status: 200, retryAfter: undefined });
}

/** The records at fault with their errors; those that were rolled back for their sake are left out. */
async function attempt(
  session: SalesforceSession,
  updates: readonly RecordUpdate[],
  about: string,
): Promise<Map<RecordId, VendorError[]>> {
  const records = updates.map(({ type, id, values }) => ({ attributes: { type }, id, ...values }));
  const answer = await session.call(
    { method: 'PATCH', path: '/composite/sobjects', body: { allOrNone: true, records } },
    about,
  );
  if (!Array.isArray(answer) || answer.length !== updates.length) {
    throw new ProvisioningFailure({
      code: 'SF_SERVER_ERROR',
      message: `Salesforce answered for another number of records than were sent when asked to ${about}`,
    });
  }
  const results = answer as { success?: unknown; errors?: unknown }[];
  const failed = results.flatMap(({ success, errors }, index): [RecordId, VendorError[]][] => {
    const update = updates[index];
    if (success === true || update === undefined) return [];
    return [[update.id, vendorErrors(errors).filter(({ code }) => code !== 'ALL_OR_NONE_OPERATION_ROLLED_BACK')]];
  });
  const atFault = failed.filter(([, errors]) => errors.length > 0);
  // All rolled back and none to blame is no success either.
  return new Map(atFault.length > 0 ? atFault : failed.slice(0, 1));
}
