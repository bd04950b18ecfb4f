import {
  CancellationScope,
  CancelledFailure,
  isCancellation,
  patched,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { SalesforceOrder } from '../domain/order';
import { effects } from './effects';
import { addOrderFailure } from './failures';
import { leaveWhenHistoryIsLong } from './history';
import { learn, type Memory } from './memory';

/** The wait before AddOrder is tried again when WHMCS certainly did not take it, doubled each time; the look-up that follows has its own backoff. */
const PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** While WHMCS refuses our credentials, which a person must mend. */
const LONGEST_REFUSAL_MS = 60 * 60_000;
/** How often AddOrder may end in doubt, and how long it may be refused, before a person decides. */
const DOUBTS = 5;
const PATIENCE_MS = 86_400_000;

/** What has been tried of one request; kept over continue-as-new. */
export interface Tries {
  doubts: number;
  refusals: number;
  /** Epoch ms. */
  giveUpAt: number;
}

export interface Claim {
  order: SalesforceOrder;
  readAt: number;
  untouched: boolean;
  runId: string;
}

/**
 * The marked WHMCS order: the one that is there, else a new one. AddOrder goes out without a look-up only when nobody can have sent
 * one; before every other the order is read and looked up again, so that what is sold is the order as it is then.
 * @returns its id, and as of when it is known to be what the order in Salesforce says
 * @throws ActivityFailure where a person must decide; CancelledFailure where the path was stopped
 */
export async function findOrAdd(memory: Memory, claim: Claim): Promise<{ whmcsOrderId: string; asOf: number }> {
  const { orderId, policy } = memory;
  const tries = (memory.tries ??= { doubts: 0, refusals: 0, giveUpAt: Date.now() + PATIENCE_MS });
  let { order, readAt } = claim;
  let mustLook = !claim.untouched || wasReset(claim);
  for (;;) {
    if (mustLook) {
      // Known or not: somebody was here before, and a cancel must look as well.
      memory.mayHaveAdded = true;
      await untilQuiet(memory);
      const lookedSince = Date.now();
      const found = await effects.findOrder({ orderId, known: memory.made }, policy);
      // A look-up lasts as long only where credentials are refused, which counts against no order.
      if (Date.now() - lookedSince > PATIENCE_MS) tries.giveUpAt = Date.now() + PATIENCE_MS;
      // What is Active bears the marker, or there would be no answer.
      memory.unmarked = null;
      if (found.whmcsOrderId !== null) return { whmcsOrderId: found.whmcsOrderId, asOf: found.readAt };
      memory.made = null;
      ({ order, readAt } = found);
      learn(memory, order);
    }
    if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('Stopped before AddOrder');
    memory.mayHaveAdded = true;
    try {
      const { whmcsOrderId, addedAt } = await effects.addOrder({ order, readAt, runId: workflowInfo().runId }, policy);
      return { whmcsOrderId, asOf: addedAt };
    } catch (error) {
      await afterRefusal(memory, tries, error);
    }
    mustLook = true;
  }
}

/** Decides what an AddOrder that did not succeed means, and waits where it may be tried again. @throws its `error` where not */
async function afterRefusal(memory: Memory, tries: Tries, error: unknown): Promise<void> {
  if (isCancellation(error)) {
    beQuiet(memory);
    throw error;
  }
  const failure = addOrderFailure(error);
  if (failure.kind === 'permanent') throw error;
  memory.status.lastError = failure;
  if (failure.kind === 'ambiguous') {
    beQuiet(memory);
    tries.doubts += 1;
    if (tries.doubts >= DOUBTS || Date.now() >= tries.giveUpAt) throw error;
    return;
  }
  // Refused credentials are everybody's trouble, and no order's: it waits for as long as they are.
  const isRefused = failure.code === 'WHMCS_CREDENTIALS_REFUSED' || failure.code === 'SF_CREDENTIALS_REFUSED';
  if (isRefused) tries.giveUpAt = Date.now() + PATIENCE_MS;
  else if (Date.now() >= tries.giveUpAt) throw error;
  const longest = isRefused ? LONGEST_REFUSAL_MS : LONGEST_PAUSE_MS;
  const pause = Math.max(failure.retryAfterMs ?? 0, Math.min(PAUSE_MS * 2 ** tries.refusals, longest));
  tries.refusals += 1;
  await sleep(pause, { summary: `${failure.code}: WHMCS did not take the order, try again` });
  leaveWhenHistoryIsLong();
}

/**
 * Whether this run replays a claim that another made: it was reset in the Web UI, and the other may have added the order. Decisions
 * that are in the history already stay as they were made, which is what `patched` is for.
 */
function wasReset({ runId }: Claim): boolean {
  return runId !== workflowInfo().runId && patched('look-after-a-reset');
}

/** From now on for the quiet period, a call whose answer is not known may still be carried out. */
export function beQuiet(memory: Memory): void {
  memory.quietUntil = Date.now() + memory.policy.quietPeriodMs;
}

/** Waits until a lost call can no longer commit, so that a look-up proves something. */
export async function untilQuiet(memory: Memory): Promise<void> {
  const wait = memory.quietUntil - Date.now();
  if (wait > 0) await sleep(wait, { summary: 'Quiet period: a lost call may still be carried out' });
  memory.quietUntil = 0;
}
