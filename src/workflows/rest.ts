import { CancellationScope, condition } from '@temporalio/workflow';
import { cancelMessage } from '../domain/cancel-message';
import { isProvisioned } from '../domain/guard';
import type { OrderId } from '../domain/order';
import { soldTwiceMessage } from '../domain/sold-twice';
import type { StatusError } from './contract';
import { effects } from './effects';
import { untilQuiet } from './adding';
import { finalFailure, statusError, wasStopped } from './failures';
import { hasRequest } from './inbox';
import type { Memory } from './memory';
import { claimOrder, enter, finish, publish, show } from './path';
import { remember } from './provisioning-state';

/** Why a run stops without being Activated. */
export interface StopReason {
  note: string;
  /** Whether the order still exists in Salesforce and can be told. */
  exists: boolean;
  /** Epoch ms: what was approved before is answered by it. */
  at: number;
  /** Whether a person asked for it, and not the order itself. */
  isAsked: boolean;
}

/**
 * A reason that nobody asked for: the order itself, or a wait that has ended.
 * @param at epoch ms of the order's last change as read: an approval after it, on the same clock, is no answered one
 */
export function reasonOfOrder(note: string, exists: boolean, at = Date.now()): StopReason {
  return { note, exists, at, isAsked: false };
}

/** @param named as {@link soldTwiceMessage} has it */
export function soldTwice(orderId: OrderId, active: string, named: string | null): StatusError {
  return statusError('WHMCS_DUPLICATE_ACTIVE', soldTwiceMessage(orderId, active, named));
}

/** Begins the wait for a person, and marks the order Failed in Salesforce. */
export async function awaitPerson(memory: Memory, error: StatusError): Promise<void> {
  memory.status.lastError = error;
  memory.waitUntil = Date.now() + memory.policy.reprovisionWaitMs;
  enter(memory, 'AwaitingReprovision', error.code);
  publish(memory);
  const { inbox } = memory;
  const isOvertaken = (): boolean => hasRequest(inbox) || inbox.cancel !== null;
  // A later failure does not take its place in Salesforce: by that code alone another run knows not to sell the order.
  if (error.code === 'WHMCS_ORDER_UNMARKED') memory.unmarked = error;
  if (error.code !== 'SF_ORDER_DELETED') await tellSalesforce(memory, memory.unmarked ?? error, isOvertaken);
  // Once more: where the order could not even be claimed, the worker's own wait is known only now.
  memory.waitUntil = Date.now() + memory.policy.reprovisionWaitMs;
}

/** @returns undefined where `isOvertaken` came true first: nobody waits for an answer that a signal has made worthless. */
export async function unlessOvertaken<T>(isOvertaken: () => boolean, work: () => Promise<T>): Promise<T | undefined> {
  const working = new CancellationScope({ cancellable: true });
  try {
    return await working.run(async () => {
      void condition(isOvertaken).then(
        () => {
          working.cancel();
        },
        () => undefined,
      );
      return work();
    });
  } catch (error) {
    if (wasStopped(error)) return undefined;
    throw error;
  } finally {
    working.cancel();
  }
}

/**
 * Salesforce may refuse even this (a validation rule, no permission): the run shows the error all the same. While Salesforce is
 * away the telling lasts a day; nobody whose signal would undo it waits for that.
 * @returns why Salesforce could not be told, where it could not
 */
async function tellSalesforce(
  memory: Memory,
  { code, message, advice }: StatusError,
  isOvertaken: () => boolean,
): Promise<StatusError | undefined> {
  const { orderId, status, unread } = memory;
  try {
    const told = await unlessOvertaken(isOvertaken, () =>
      effects.markFailed({ orderId, code, message, advice, unread }),
    );
    if (told === undefined) {
      remember(status, new Date(), 'Salesforce was not told: somebody came');
      show(memory);
      return undefined;
    }
    memory.policy = told;
    memory.cachesStale = true;
    return undefined;
  } catch (error) {
    const failure = finalFailure(error);
    remember(status, new Date(), `Salesforce could not be told: ${failure.code}, ${failure.message}`);
    show(memory);
    return failure;
  }
}

/**
 * Undoes what is not yet paid for, and ends the run as `phase`. Where WHMCS already accepted the order it is too late: the
 * order is finished instead, so that Salesforce tells the truth.
 * @returns whether the run has come to rest for good; false where a person must act after all.
 */
export async function stop(memory: Memory, phase: 'Cancelled' | 'Abandoned', reason: StopReason): Promise<boolean> {
  try {
    // What Salesforce does not know to be cancelled the next sweep would take up.
    if (reason.isAsked && !memory.claimed) {
      const claim = await claimOrder(memory, { trigger: 'manual' });
      if ('kind' in claim) {
        if (isProvisioned(claim.code)) return sayTooLate(memory, claim.reason, reason);
      } else if (!claim.untouched) {
        // A run that was terminated may have left an order there, billed even.
        memory.mayHaveAdded = true;
      }
    }
    const active = await compensate(memory);
    if (active !== null) return await tooLate(memory, active, reason);
  } catch (error) {
    await awaitPerson(memory, finalFailure(error));
    return false;
  }
  if (reason.exists && memory.claimed && phase === 'Cancelled') {
    const untold = await tellCancelled(memory, reason);
    if (untold !== undefined && untold.code !== 'SF_ORDER_DELETED') {
      await awaitPerson(memory, untold);
      return false;
    }
  }
  enter(memory, phase, reason.note);
  publish(memory);
  return true;
}

/** An earlier run, or a person, has brought the order to its end: this one has nothing to undo. */
function sayTooLate(memory: Memory, why: string, reason: StopReason): true {
  enter(memory, 'Loading', reason.note);
  memory.status.skipped = why;
  enter(memory, 'Skipped', `Too late to cancel. ${why}`);
  publish(memory);
  return true;
}

/** Only a person's own request goes before it: an event that comes meanwhile may be an old one again, which the guard judges by the time told here. */
function tellCancelled(memory: Memory, { note, at }: StopReason): Promise<StatusError | undefined> {
  // What WHMCS bills, and this run cannot find, is no less billed for it: an approval after the cancel must not sell the order again.
  const error = memory.unmarked ?? statusError('CANCELLED', cancelMessage(at, note));
  return tellSalesforce(memory, error, () => memory.inbox.request?.trigger === 'manual');
}

/**
 * Cancels marked Pending orders in WHMCS.
 * @param spared the one that Salesforce names: left as it is
 * @returns the id of one that is Active already, or null.
 */
export async function compensate(memory: Memory, spared?: string | null): Promise<string | null> {
  const { orderId, whmcsClientId, policy, mayHaveAdded, made } = memory;
  if (!mayHaveAdded || whmcsClientId === null) return null;
  await untilQuiet(memory);
  const { active } = await effects.cancelPendingOrders(
    { orderId, whmcsClientId, known: made, ...(spared == null ? {} : { spared }) },
    policy,
  );
  if (active === null) {
    memory.mayHaveAdded = false;
    // A look-up by marker alone says nothing of an order that bears none.
    if (made !== null) memory.unmarked = null;
    memory.made = null;
    memory.status.whmcsOrderId = null;
  }
  return active;
}

/**
 * WHMCS had accepted the order: it is finished, so that Salesforce tells the truth. Salesforce is read first, since somebody may have
 * sold the order by hand meanwhile: the id that a person wrote there is never written over.
 */
async function tooLate(memory: Memory, whmcsOrderId: string, reason: StopReason): Promise<boolean> {
  const { orderId, status } = memory;
  status.whmcsOrderId = whmcsOrderId;
  const order = reason.exists ? await effects.isStillWanted({ orderId }) : undefined;
  if (order?.exists !== true) {
    const what = `WHMCS order ${whmcsOrderId} is active, but order ${orderId} was deleted in Salesforce. Terminate it in WHMCS`;
    await awaitPerson(memory, statusError('SF_ORDER_DELETED', what));
    return false;
  }
  const named = order.whmcsOrderId;
  if (named !== null && named !== whmcsOrderId) {
    await awaitPerson(memory, soldTwice(orderId, whmcsOrderId, named));
    return false;
  }
  await finish(memory, whmcsOrderId, 'committed');
  enter(memory, 'Activated', `${reason.note}: too late, WHMCS had accepted order ${whmcsOrderId}`);
  return true;
}
