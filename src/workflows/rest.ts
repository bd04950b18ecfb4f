import { CancellationScope, condition } from '@temporalio/workflow';
import type { StatusError } from './contract';
import { effects } from './effects';
import { untilQuiet } from './adding';
import { finalFailure, statusError, wasStopped } from './failures';
import { hasRequest } from './inbox';
import type { Memory } from './memory';
import { enter, finish, publish, show } from './path';
import { remember } from './provisioning-state';

/** Why a run stops without being Activated. */
export interface StopReason {
  note: string;
  /** Whether the order still exists in Salesforce and can be told. */
  exists: boolean;
}

/** Begins the wait for a person, and marks the order Failed in Salesforce. */
export async function awaitPerson(memory: Memory, error: StatusError): Promise<void> {
  memory.status.lastError = error;
  memory.waitUntil = Date.now() + memory.policy.reprovisionWaitMs;
  enter(memory, 'AwaitingReprovision', error.code);
  publish(memory);
  const { inbox } = memory;
  const isOvertaken = (): boolean => hasRequest(inbox) || inbox.cancel !== null;
  if (error.code !== 'SF_ORDER_DELETED') await tellSalesforce(memory, error, isOvertaken);
  // Once more: where the order could not even be claimed, the worker's own wait is known only now.
  memory.waitUntil = Date.now() + memory.policy.reprovisionWaitMs;
}

/**
 * Salesforce may refuse even this (a validation rule, no permission): the run shows the error all the same. While Salesforce is
 * away the telling lasts a day; nobody whose signal would undo it waits for that.
 */
async function tellSalesforce(
  memory: Memory,
  { code, message, advice }: StatusError,
  isOvertaken: () => boolean,
): Promise<void> {
  const telling = new CancellationScope({ cancellable: true });
  try {
    await telling.run(async () => {
      void condition(isOvertaken).then(
        () => {
          telling.cancel();
        },
        () => undefined,
      );
      memory.policy = await effects.markFailed({ orderId: memory.orderId, code, message, advice });
    });
    memory.cachesStale = true;
  } catch (error) {
    remember(memory.status, new Date(), wasStopped(error) ? 'Salesforce was not told: somebody came' : untold(error));
    show(memory);
  } finally {
    telling.cancel();
  }
}

function untold(error: unknown): string {
  const { code, message } = finalFailure(error);
  return `Salesforce could not be told: ${code}, ${message}`;
}

/**
 * Undoes what is not yet paid for, and ends the run as `phase`. Where WHMCS already accepted the order it is too late: the
 * order is finished instead, so that Salesforce tells the truth.
 * @returns whether the run has come to rest for good; false where a person must act after all.
 */
export async function stop(memory: Memory, phase: 'Cancelled' | 'Abandoned', reason: StopReason): Promise<boolean> {
  try {
    const active = await compensate(memory);
    if (active !== null) return await tooLate(memory, active, reason);
  } catch (error) {
    await awaitPerson(memory, finalFailure(error));
    return false;
  }
  if (reason.exists && memory.claimed && phase === 'Cancelled') {
    await tellSalesforce(memory, statusError('CANCELLED', reason.note), () => hasRequest(memory.inbox));
  }
  enter(memory, phase, reason.note);
  publish(memory);
  return true;
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
    memory.made = null;
    memory.status.whmcsOrderId = null;
  }
  return active;
}

async function tooLate(memory: Memory, whmcsOrderId: string, reason: StopReason): Promise<boolean> {
  memory.status.whmcsOrderId = whmcsOrderId;
  if (!reason.exists) {
    await awaitPerson(
      memory,
      statusError(
        'SF_ORDER_DELETED',
        `WHMCS order ${whmcsOrderId} is active, but order ${memory.orderId} was deleted in Salesforce. Terminate it in WHMCS`,
      ),
    );
    return false;
  }
  await finish(memory, whmcsOrderId, 'committed');
  enter(memory, 'Activated', `${reason.note}: too late, WHMCS had accepted order ${whmcsOrderId}`);
  return true;
}
