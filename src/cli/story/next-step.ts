import { FAILURES, isFailureCode } from '../../domain/failure';
import { isBilledUnmarked } from '../../domain/guard';
import { ACTIVATION } from '../../domain/order';
import type { RunStory } from '../../temporal/operator';
import { known, type OrderFacts, type SalesforceFacts, type Seen, type WhmcsFacts } from './facts';
import { silenceOf } from './silence';

/** What a person should do about an order. */
export interface NextStep {
  /** `none`: all is well or nothing is wanted. `wait`: it goes on by itself. `act`: somebody must do something. */
  need: 'none' | 'wait' | 'act';
  text: string;
  /** The commands that the text means, ready to be typed. */
  commands: string[];
}

const none = (text: string): NextStep => ({ need: 'none', text, commands: [] });
const wait = (text: string, ...commands: string[]): NextStep => ({ need: 'wait', text, commands });
const act = (text: string, ...commands: string[]): NextStep => ({ need: 'act', text, commands });

/**
 * What to do next about an order, from what the systems say of it. Pure; the first rule that applies wins, and the gravest come first:
 * money (two active orders), a person awaited, what is under way, what was left behind, and last what is well. A system that did
 * not answer is never spoken for: what only it could say "cannot be told".
 */
export function nextStep(facts: OrderFacts): NextStep {
  return (
    twiceActive(facts) ??
    ofMissingOrder(facts) ??
    ofLivingRun(facts) ??
    ofUnknownOrder(facts) ??
    ofProvisioned(facts) ??
    ofUnknownRun(facts) ??
    ofUnprovisioned(facts)
  );
}

/** Why a system does not say, and what to do about that; empty where it said. */
function whyNot(seen: Seen<unknown>): string {
  switch (seen.is) {
    case 'known':
      return '';
    case 'unreachable':
      return seen.failure.advice ?? `${seen.failure.message}.`;
    case 'not-asked':
      return `${seen.why}.`;
  }
}

const activeOrders = (whmcs: WhmcsFacts | undefined): string[] =>
  (whmcs?.marked ?? []).filter(({ status }) => status === 'Active').map(({ whmcsOrderId }) => whmcsOrderId);

function twiceActive({ whmcs }: OrderFacts): NextStep | undefined {
  const active = activeOrders(known(whmcs));
  if (active.length < 2) return undefined;
  return act(`WHMCS orders ${active.join(' and ')} are both active for it. ${FAILURES.WHMCS_DUPLICATE_ACTIVE.advice}`);
}

/** Salesforce answered, and has no such order. Then nobody can say which WHMCS client to ask about: the run alone knows what is there. */
function ofMissingOrder({ orderId, salesforce, temporal }: OrderFacts): NextStep | undefined {
  if (salesforce.is !== 'known' || salesforce.value !== null) return undefined;
  if (temporal.is !== 'known') {
    return act(
      `Salesforce has no such order (deleted, or of another org). Whether a run of it lives, or left something in WHMCS, cannot be told without Temporal. ${whyNot(temporal)}`,
      'orders doctor',
    );
  }
  const run = temporal.value;
  if (run === null) {
    return act(
      'Neither Salesforce nor Temporal knows this order. Check the id, and that SF_LOGIN_URL is the org you mean.',
    );
  }
  if (run.state === 'running') {
    return act(
      `Salesforce has no such order (deleted?), but its run lives. Restore the order, or end the run.`,
      `orders cancel ${orderId}`,
    );
  }
  return ofDeleted(orderId, run);
}

/** A run that stopped by itself has undone what it added. One that was ended for it, or found no order at all, knows nothing of WHMCS. */
function ofDeleted(orderId: string, run: RunStory): NextStep {
  const whmcsOrderId = run.progress?.whmcsOrderId ?? run.whmcsOrderId;
  if (whmcsOrderId !== null) {
    return act(
      `The order was deleted in Salesforce. See whether WHMCS order ${whmcsOrderId} should be terminated there.`,
    );
  }
  const phase = run.progress?.phase ?? run.phase;
  if (run.state === 'completed' && (phase === 'Cancelled' || phase === 'Abandoned')) {
    return none(`The order was deleted in Salesforce. Its run ended ${phase} and left nothing in WHMCS.`);
  }
  const ended = run.state === 'completed' ? `ended ${phase ?? 'at rest'}` : `was ${run.state} before it was done`;
  return act(
    `The order was deleted in Salesforce, and its run ${ended}. Whether WHMCS holds anything of it cannot be told: look there for services whose marker begins with ${orderId}.`,
  );
}

function ofLivingRun(facts: OrderFacts): NextStep | undefined {
  const run = known(facts.temporal);
  if (run?.state !== 'running') return undefined;
  const { orderId } = facts;
  const { progress } = run;
  if (progress === null) return ofSilentRun(facts, run);
  const { phase, lastError } = progress;
  if (phase === 'AwaitingReprovision') {
    const why = lastError === null ? 'See its history.' : lastError.advice;
    return act(`It waits for a person. ${why}`, `orders reprovision ${orderId}`);
  }
  if (lastError !== null && lastError.kind !== 'permanent') {
    return wait(`It is being retried by itself. ${lastError.advice}`, `orders watch ${orderId}`);
  }
  return wait('It is under way.', `orders watch ${orderId}`);
}

/** Its phase in visibility may still say that it waits for a person, and Salesforce why. */
function ofSilentRun({ orderId, salesforce }: OrderFacts, run: RunStory): NextStep {
  const silence = silenceOf(run);
  const why = silence === undefined ? '' : `: ${silence.message}. ${silence.advice ?? ''}`.trimEnd();
  if (run.phase !== 'AwaitingReprovision') {
    return act(`Its run lives, but where it is cannot be told${why || '.'}`, 'orders doctor');
  }
  const advice = adviceOn(known(salesforce)?.lastError ?? null) ?? 'Salesforce may hold the reason on the order.';
  return act(
    `It waits for a person. ${advice} The run itself could not be asked${why || '.'}`,
    `orders reprovision ${orderId}`,
    'orders doctor',
  );
}

/** Salesforce did not answer, and without it nothing more can be said. */
function ofUnknownOrder({ salesforce }: OrderFacts): NextStep | undefined {
  if (salesforce.is === 'known') return undefined;
  return act(`What to do cannot be told without Salesforce. ${whyNot(salesforce)}`, 'orders doctor');
}

function ofProvisioned(facts: OrderFacts): NextStep | undefined {
  const { order } = facts.salesforce.is === 'known' ? (facts.salesforce.value ?? {}) : {};
  if (order?.whmcsOrderId == null) return undefined;
  const whmcs = known(facts.whmcs);
  const status = whmcs?.named?.status;
  if (status === null) {
    return act(
      `Salesforce names WHMCS order ${order.whmcsOrderId}, which WHMCS does not have. Find out which is right; to provision anew, clear the WHMCS order id in Salesforce first.`,
      `orders reprovision ${facts.orderId}`,
    );
  }
  if (status !== undefined && status !== 'Active') {
    return act(
      `WHMCS order ${order.whmcsOrderId} is ${status}, though Salesforce counts it as provisioned. Decide in WHMCS.`,
    );
  }
  const [other] = activeOrders(whmcs).filter((id) => id !== order.whmcsOrderId);
  if (other !== undefined) {
    return act(
      `Salesforce names WHMCS order ${order.whmcsOrderId}, but the active one with its marker is ${other}. Correct one of them.`,
    );
  }
  const broken = (whmcs?.marked ?? []).flatMap(({ services }) => services).filter(({ status: s }) => s === 'Pending');
  if (broken.length > 0) {
    return act(
      `Service ${broken.map(({ id }) => id).join(', ')} in WHMCS is not active yet. See the module queue there.`,
    );
  }
  if (facts.whmcs.is === 'unreachable') {
    return wait('Salesforce counts it as provisioned; WHMCS could not be asked.', `orders status ${facts.orderId}`);
  }
  return ofStaleView(facts, order.whmcsOrderId) ?? none(`Nothing: ${provisionedBy(facts.whmcs)}.`);
}

const provisionedBy = (whmcs: Seen<WhmcsFacts>): string =>
  whmcs.is === 'known' ? 'it is provisioned' : 'Salesforce counts it as provisioned, and WHMCS was not asked';

function ofStaleView({ cache, orderId }: OrderFacts, whmcsOrderId: string): NextStep | undefined {
  const cached = known(cache);
  if (cached?.state !== 'cached' || cached.view.whmcsOrderId === whmcsOrderId) return undefined;
  return wait(
    'It is provisioned; the portal’s cached view is older and will be renewed. If that lasts, see whether the listener runs.',
    `orders status ${orderId}`,
    'orders doctor',
    `orders invalidate ${orderId}`,
  );
}

/** Not provisioned, and Temporal did not say whether a run is at work on it. */
function ofUnknownRun({ salesforce, temporal, whmcs }: OrderFacts): NextStep | undefined {
  if (temporal.is === 'known') return undefined;
  const [active] = activeOrders(known(whmcs));
  const status = known(salesforce)?.order.status;
  const seen =
    active === undefined
      ? `Its status is ${status}`
      : `WHMCS order ${active} is active for it, which Salesforce does not know`;
  return act(
    `${seen}. Whether a run is at work on it cannot be told without Temporal. ${whyNot(temporal)}`,
    'orders doctor',
  );
}

function ofUnprovisioned(facts: OrderFacts): NextStep {
  const { orderId, provisionStatuses } = facts;
  const { order, lastError } = (known(facts.salesforce) ?? {}) as Partial<SalesforceFacts>;
  const run = known(facts.temporal) ?? undefined;
  const again = `orders reprovision ${orderId}`;
  if (order === undefined) return act('Nothing can be said.', 'orders doctor');

  const [active] = activeOrders(known(facts.whmcs));
  if (active !== undefined) {
    return act(
      `WHMCS order ${active} is active for it, but Salesforce does not know. Re-provision it: what is there is adopted.`,
      again,
    );
  }
  if (!provisionStatuses.includes(order.status)) {
    const why = `its status is ${order.status}. It is provisioned once it is ${provisionStatuses.join(' or ')}.`;
    if (facts.whmcs.is !== 'unreachable') return none(`Nothing: ${why}`);
    return wait(
      `Nothing is wanted: ${why} Whether WHMCS holds anything of it cannot be told.`,
      `orders status ${orderId}`,
    );
  }
  switch (order.activationStatus) {
    case ACTIVATION.activated:
      return act(
        'Salesforce says Activated without a WHMCS order id. Clear the activation status, then re-provision it.',
        again,
      );
    case ACTIVATION.failed:
      return ofFailed(lastError ?? null, again);
    case ACTIVATION.activating:
      if (isBilledUnmarked(order)) return ofFailed(lastError ?? null, again);
      return act(
        'Salesforce says Activating, but no run is at work on it. The sweep takes it up after STUCK_AFTER; to do it now, re-provision it.',
        again,
      );
    default:
      return ofNeverBegun(run, again);
  }
}

function ofFailed(lastError: SalesforceFacts['lastError'], again: string): NextStep {
  return act(`It failed and its run is over. ${adviceOn(lastError) ?? 'Mend the cause, then re-provision it.'}`, again);
}

/** What the catalogue says of the failure that Salesforce holds. */
function adviceOn(lastError: SalesforceFacts['lastError']): string | undefined {
  return lastError !== null && isFailureCode(lastError.code) ? FAILURES[lastError.code].advice : undefined;
}

function ofNeverBegun(run: RunStory | undefined, again: string): NextStep {
  if (run === undefined) {
    return act(
      'It is approved, and no run was begun. See whether the listener runs; a sweep finds it now.',
      'orders doctor',
      'orders reconcile',
    );
  }
  if (run.state === 'completed') {
    return act(`Its last run ended ${run.phase ?? 'at rest'}. Re-provision it if it should be provisioned.`, again);
  }
  return act(`Its last run was ${run.state} before it was done. Re-provision it.`, again);
}
