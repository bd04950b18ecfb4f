import {
  CancellationScope,
  isCancellation,
  setCurrentDetails,
  sleep,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { ActivatedServices } from '../activities/contract';
import type { SkipCode } from '../domain/guard';
import type { SalesforceOrder } from '../domain/order';
import { searchAttributes, type Phase, type StatusError } from './contract';
import { currentDetails } from './details';
import { effects } from './effects';
import { mayHaveHappened, readFailure } from './failures';
import type { PendingRequest } from './inbox';
import type { Memory } from './memory';
import { transition } from './provisioning-state';

export type PathOutcome =
  { kind: 'activated' } | { kind: 'skipped'; code: SkipCode; reason: string } | { kind: 'failed'; error: StatusError };

/** The wait before AddOrder is tried again when WHMCS certainly did not take it; the look-up that follows has its own backoff. */
const PAUSE_MS = 5_000;
/** How often AddOrder may end in doubt, and how long it may be refused, before a person decides. */
const DOUBTS = 5;
const PATIENCE_MS = 86_400_000;

/** Shows each transition at once: to a person who looks meanwhile, "where is it now" is the first question. It costs no action. */
export function enter(memory: Memory, phase: Phase, note?: string): void {
  transition(memory.status, phase, new Date(), note);
  show(memory);
}

export function show({ orderId, status, waitUntil }: Memory): void {
  setCurrentDetails(currentDetails({ orderId, ...status }, waitUntil));
}

/** Shows a resting phase in visibility. */
export function publish(memory: Memory): void {
  const { status, accountId, publishedPhase } = memory;
  if (status.phase === publishedPhase) return;
  memory.publishedPhase = status.phase;
  upsertSearchAttributes([
    { key: searchAttributes.phase, value: status.phase },
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
  if (status.attempt > 0) enter(memory, 'Loading', `asked for by ${request.trigger}`);
  if (status.phase !== memory.publishedPhase && memory.publishedPhase === 'AwaitingReprovision') publish(memory);
  status.attempt += 1;
  try {
    const claim = await claimOrder(memory, request);
    if ('kind' in claim) return claim;
    enter(memory, 'AddingOrder');
    const found = await findOrAdd(memory, claim.order, claim.untouched);
    await finish(memory, found.whmcsOrderId);
    return { kind: 'activated' };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { kind: 'failed', error: readFailure(error) };
  }
}

/** From a WHMCS order that exists to Activated. @throws ActivityFailure */
export async function finish(memory: Memory, whmcsOrderId: string): Promise<void> {
  const { orderId, whmcsClientId, policy, status } = memory;
  if (whmcsClientId === null) throw new Error('No WHMCS client is known for an order that WHMCS holds');
  status.whmcsOrderId = whmcsOrderId;
  memory.made = whmcsOrderId;
  if (status.phase === 'AddingOrder') enter(memory, 'AcceptingOrder', `WHMCS order ${whmcsOrderId}`);
  const { services } = await effects.acceptOrder({ orderId, whmcsClientId, whmcsOrderId }, policy);
  // Past the commit point nothing stops the path: Salesforce must hear of what is paid for.
  await CancellationScope.nonCancellable(() => conclude(memory, { whmcsOrderId, services }));
}

async function conclude(memory: Memory, accepted: ActivatedServices): Promise<void> {
  const { orderId, status } = memory;
  enter(memory, 'WritingBack');
  await effects.writeBack({ orderId, ...accepted });
  status.lastError = null;
  status.skipped = null;
  memory.mayHaveAdded = false;
  enter(memory, 'Activated');
  publish(memory);
  await invalidate(memory);
}

/** Best effort and late at worst: a paid order is never undone or blocked by a cache, whose entries also expire by themselves. */
export async function invalidate(memory: Memory): Promise<void> {
  try {
    await effects.invalidateCaches({ orderId: memory.orderId, accountId: memory.accountId });
  } catch (error) {
    memory.status.lastError = readFailure(error);
  }
}

async function claimOrder(
  memory: Memory,
  request: PendingRequest,
): Promise<{ order: SalesforceOrder; untouched: boolean } | (PathOutcome & { kind: 'skipped' })> {
  const { orderId, claimed, status } = memory;
  const attempt = effects.claimOrder({ orderId, trigger: request.trigger, claimedByThisRun: claimed });
  const claim = await attempt.catch((error: unknown) => {
    // The write may have reached Salesforce although its answer did not reach us.
    memory.claimed = true;
    throw error;
  });
  if (claim.outcome === 'skipped') {
    memory.accountId ??= claim.accountId;
    status.whmcsOrderId ??= claim.whmcsOrderId;
    return { kind: 'skipped', code: claim.code, reason: claim.reason };
  }
  memory.claimed = true;
  memory.policy = claim.policy;
  memory.accountId = claim.order.accountId;
  memory.whmcsClientId = claim.order.whmcsClientId;
  enter(memory, 'Activating');
  return claim;
}

/** The marked WHMCS order: the one that is there, else a new one. AddOrder goes out without a look-up only when nobody can have sent one. */
async function findOrAdd(
  memory: Memory,
  order: SalesforceOrder,
  untouched: boolean,
): Promise<{ whmcsOrderId: string }> {
  const { policy } = memory;
  const giveUpAt = Date.now() + PATIENCE_MS;
  let mustLook = !untouched;
  for (let doubts = 0; ;) {
    if (mustLook) {
      await untilQuiet(memory);
      const found = await effects.findOrder({ order, known: memory.made }, policy);
      if (found !== null) {
        memory.mayHaveAdded = true;
        return found;
      }
      memory.made = null;
    }
    memory.mayHaveAdded = true;
    try {
      return await effects.addOrder({ order }, policy);
    } catch (error) {
      if (isCancellation(error)) {
        memory.quietUntil = Date.now() + policy.quietPeriodMs;
        throw error;
      }
      const failure = readFailure(error);
      memory.status.lastError = failure;
      if (mayHaveHappened(error)) {
        memory.quietUntil = Date.now() + policy.quietPeriodMs;
        doubts += 1;
      } else if (failure.kind === 'permanent') {
        throw error;
      }
      if (doubts >= DOUBTS || Date.now() >= giveUpAt) throw error;
      if (memory.quietUntil === 0) {
        await sleep(failure.retryAfterMs ?? PAUSE_MS, {
          summary: `${failure.code}: WHMCS did not take the order, try again`,
        });
      }
      mustLook = true;
    }
  }
}

/** Waits until a lost AddOrder can no longer commit, so that a look-up proves something. */
export async function untilQuiet(memory: Memory): Promise<void> {
  const wait = memory.quietUntil - Date.now();
  if (wait > 0) await sleep(wait, { summary: 'Quiet period: a lost AddOrder may still commit' });
  memory.quietUntil = 0;
}
