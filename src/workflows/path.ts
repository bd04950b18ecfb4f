import { CancellationScope, CancelledFailure, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { ActivatedServices } from '../activities/contract';
import { isBilledUnmarked, type SkipCode } from '../domain/guard';
import type { OrderId } from '../domain/order';
import { beQuiet, findOrAdd, type Claim } from './adding';
import { searchAttributes, type Phase, type StatusError } from './contract';
import { currentDetails } from './details';
import { effects } from './effects';
import { failedWith, finalFailure, isAnswered, statusError, wasStopped } from './failures';
import { onOrderChanged, type PendingRequest } from './inbox';
import { learn, type Memory } from './memory';
import { transition } from './provisioning-state';

export type PathOutcome =
  | { kind: 'activated' }
  | { kind: 'skipped'; code: SkipCode; reason: string; whmcsOrderId: string | null; changedAt?: number }
  | { kind: 'failed'; error: StatusError };

/** Shows each transition at once: to a person who looks meanwhile, "where is it now" is the first question. It costs no action. */
export function enter(memory: Memory, phase: Phase, note?: string): void {
  transition(memory.status, phase, new Date(), note);
  show(memory);
}

export function show({ orderId, status, waitUntil }: Memory): void {
  setCurrentDetails(currentDetails({ orderId, ...status }, waitUntil));
}

/** Shows a resting phase in visibility, and since when: both in one action. */
export function publish(memory: Memory): void {
  const { status, accountId, publishedPhase } = memory;
  if (status.phase === publishedPhase) return;
  memory.publishedPhase = status.phase;
  upsertSearchAttributes([
    { key: searchAttributes.phase, value: status.phase },
    { key: searchAttributes.phaseAt, value: new Date() },
    ...(accountId === null ? [] : [{ key: searchAttributes.accountId, value: accountId }]),
    // Null takes away what a cancelled order left there.
    ...(status.whmcsOrderId === null && publishedPhase === 'Loading'
      ? []
      : [{ key: searchAttributes.whmcsOrderId, value: status.whmcsOrderId }]),
  ]);
}

/**
 * The path of an order: claim, find or add, accept, write back, invalidate. It may be walked again from the start at any
 * time: each chapter looks at what is there before it does anything.
 * @throws CancelledFailure where a signal stopped it; the caller then looks why.
 */
export async function walk(memory: Memory, request: PendingRequest): Promise<PathOutcome> {
  const { status } = memory;
  if (status.attempt > 0 || status.phase !== 'Loading') enter(memory, 'Loading', `asked for by ${request.trigger}`);
  if (status.phase !== memory.publishedPhase && memory.publishedPhase === 'AwaitingReprovision') publish(memory);
  status.attempt += 1;
  try {
    const claim = await claimOrder(memory, request);
    if ('kind' in claim) return claim;
    enter(memory, 'Activating');
    enter(memory, 'AddingOrder');
    const { whmcsOrderId, asOf } = await findOrAdd(memory, claim);
    await finish(memory, whmcsOrderId, { asOf });
    return { kind: 'activated' };
  } catch (error) {
    if (wasStopped(error)) throw new CancelledFailure('The path was stopped');
    if (failedWith(error, 'ORDER_WITHDRAWN')) {
      // As if an event had told of it: the order is read once more, and the run stops, or walks again.
      onOrderChanged(memory.inbox);
      throw new CancelledFailure('The order was withdrawn');
    }
    return { kind: 'failed', error: finalFailure(error) };
  }
}

/**
 * From a WHMCS order that exists to Activated.
 * @param basis as of when WHMCS's order is known to be what Salesforce says; or that WHMCS has accepted it already, so that nothing in
 * Salesforce can stop it any more
 * @throws ActivityFailure
 */
export async function finish(
  memory: Memory,
  whmcsOrderId: string,
  basis: { asOf: number } | 'committed',
): Promise<void> {
  const { orderId, whmcsClientId, policy, status } = memory;
  if (whmcsClientId === null) throw new Error('No WHMCS client is known for an order that WHMCS holds');
  status.whmcsOrderId = whmcsOrderId;
  memory.made = whmcsOrderId;
  if (status.phase === 'AddingOrder') enter(memory, 'AcceptingOrder', `WHMCS order ${whmcsOrderId}`);
  try {
    const known = basis === 'committed' ? { committed: true } : { committed: false, ...basis };
    const accepted = await effects.acceptOrder({ orderId, whmcsClientId, whmcsOrderId, ...known }, policy);
    // Past the commit point nothing stops the path: Salesforce must hear of what is paid for.
    await CancellationScope.nonCancellable(() => conclude(memory, accepted));
  } catch (error) {
    // An AcceptOrder whose module is slow may have checked the order before, and make it Active after, it is cancelled.
    if (status.phase !== 'WritingBack' && !isAnswered(error)) beQuiet(memory);
    throw error;
  }
}

async function conclude(memory: Memory, accepted: ActivatedServices): Promise<void> {
  const { orderId, status } = memory;
  enter(memory, 'WritingBack');
  await effects.writeBack({ orderId, ...accepted });
  status.lastError = null;
  status.skipped = null;
  memory.mayHaveAdded = false;
  memory.unmarked = null;
  enter(memory, 'Activated');
  publish(memory);
  memory.cachesStale = true;
}

/** Of what an earlier run was told, no more than the code is known. */
function unsettled(orderId: OrderId): StatusError {
  const what = `WHMCS billed order ${orderId} without its marker, and that is not known to be settled`;
  return statusError('WHMCS_ORDER_UNMARKED', what);
}

/** Reads the order, and marks it Activating where the guards say go. @throws ActivityFailure */
export async function claimOrder(
  memory: Memory,
  request: PendingRequest,
): Promise<Claim | (PathOutcome & { kind: 'skipped' })> {
  const { orderId, claimed, status } = memory;
  memory.unread = true;
  const attempt = effects.claimOrder({ orderId, ...request, claimedByThisRun: claimed });
  const claim = await attempt.catch((error: unknown) => {
    // The write may have reached Salesforce although its answer did not reach us.
    memory.claimed = true;
    throw error;
  });
  memory.unread = false;
  if (claim.outcome === 'skipped') {
    memory.accountId ??= claim.accountId;
    status.whmcsOrderId ??= claim.whmcsOrderId;
    const { code, reason, whmcsOrderId, changedAt } = claim;
    return { kind: 'skipped', code, reason, whmcsOrderId, ...(changedAt === undefined ? {} : { changedAt }) };
  }
  memory.claimed = true;
  memory.policy = claim.policy;
  learn(memory, claim.order);
  if (isBilledUnmarked(claim.order)) memory.unmarked ??= unsettled(orderId);
  return claim;
}
