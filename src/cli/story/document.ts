import type { CachedOrder } from '../../cache';
import type { RunStory } from '../../temporal/operator';
import type { OrderFacts, SalesforceFacts, Seen } from './facts';
import type { NextStep } from './next-step';
import { runDocument } from './runs';
import { silenceOf } from './silence';

/** A system's part of the document: `known` with its value, or why there is none. */
function part<T, D>(seen: Seen<T>, document: (value: T) => D) {
  switch (seen.is) {
    case 'known':
      return { asked: true, reached: true, value: document(seen.value) } as const;
    case 'unreachable':
      return { asked: true, reached: false, error: seen.failure } as const;
    case 'not-asked':
      return { asked: false, reached: false, why: seen.why } as const;
  }
}

/** The JSON of `status`. Ids, statuses and times only: what a customer would call theirs is left out. */
export function storyDocument(facts: OrderFacts, step: NextStep) {
  return {
    orderId: facts.orderId,
    salesforce: part(facts.salesforce, salesforceDocument),
    temporal: part(facts.temporal, temporalDocument),
    whmcs: part(facts.whmcs, (value) => value),
    cache: part(facts.cache, cacheDocument),
    nextStep: step,
  };
}

function salesforceDocument(facts: SalesforceFacts | null) {
  if (facts === null) return null;
  const { status, activationStatus, whmcsOrderId, whmcsClientId, accountId, items, systemModstamp } = facts.order;
  const changedAt = new Date(systemModstamp).toISOString();
  const ids = { accountId, whmcsOrderId, whmcsClientId };
  return { status, activationStatus, ...ids, items: items.length, changedAt, lastError: facts.lastError };
}

function temporalDocument(run: RunStory | null) {
  if (run === null) return null;
  const { progress } = run;
  const silence = silenceOf(run) ?? null;
  return { ...runDocument(run), phase: progress?.phase ?? run.phase, progress, silence };
}

function cacheDocument(cached: CachedOrder) {
  if (cached.state === 'not-cached') return { state: cached.state };
  const readAt = new Date(cached.readAt).toISOString();
  if (cached.state !== 'cached') return { state: cached.state, readAt };
  const { status, activationStatus, whmcsOrderId } = cached.view;
  return { state: cached.state, fresh: cached.fresh, readAt, view: { status, activationStatus, whmcsOrderId } };
}
