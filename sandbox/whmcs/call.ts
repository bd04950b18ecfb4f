import { setTimeout as delay } from 'node:timers/promises';
import { permissionMessage, refusal, type AccessRules } from './access';
import { BusinessError, Interrupted, type Answer } from './action';
import { findAction } from './actions';
import { encode, html, MAINTENANCE, shape, type WireAnswer } from './answer';
import type { CallFault } from './fault-kinds';
import type { Faults, Hit } from './faults';
import type { Ledger, LedgerCall } from './ledger';
import type { Params } from './params';
import type { Store } from './store';

/** What a call is executed with. */
export interface CallDeps {
  store: Store;
  ledger: Ledger;
  faults: Faults;
  access: AccessRules;
  /** Aborted when the emulator closes: nothing may commit after that. */
  closing: AbortSignal;
}

/** One request, from its faults to its answer. */
export interface Call {
  entry: LedgerCall;
  params: Params;
  ip: string;
  /** The store's generation when the call came. */
  generation: number;
}

interface Executed {
  answer: Answer;
  status: number;
  interrupted: boolean;
}

/**
 * Serves a call: delays, what stops it before the commit, access, the commit, what spoils the answer.
 * @returns the answer to send, or 'lost' to cut the connection; may wait as long as a fault or a barrier holds it
 */
export async function serve(deps: CallDeps, call: Call): Promise<WireAnswer | 'lost'> {
  const hits = deps.faults.choose(call.entry);
  for (const { fault } of hits) {
    if (fault.kind === 'latency') await delay(fault.ms, undefined, { signal: deps.closing }).catch(() => undefined);
  }
  const hit = hits.find(({ fault }) => fault.kind !== 'latency');
  if (hit !== undefined) {
    const early = await beforeCommit(deps, call, hit);
    if (early !== undefined) return early;
  }
  const refused = refusal(deps.access, call.params, call.entry.action, call.ip);
  if (refused !== null) return failure(call, refused, 403);
  if ((await deps.faults.barriers.pass(call.entry, 'before-commit')) === 'drop' || isOver(deps, call)) return 'lost';
  const executed = commit(deps, call, hit?.fault);
  if ((await deps.faults.barriers.pass(call.entry, 'after-commit')) === 'drop') return 'lost';
  const wire = encode(
    call.entry.action,
    shape(executed.answer, deps.faults.print()) as Answer,
    call.params.text('responsetype'),
    executed.status,
  );
  return hit === undefined ? wire : afterCommit(deps, hit, executed, wire);
}

/** Faults that end a call before it has done anything. Undefined: go on. */
async function beforeCommit(deps: CallDeps, call: Call, hit: Hit): Promise<WireAnswer | 'lost' | undefined> {
  const { fault } = hit;
  switch (fault.kind) {
    case 'loseBeforeCommit':
      return 'lost';
    case 'commitLate':
      void commitLater(deps, call, hit, fault.afterMs);
      return 'lost';
    case 'hang':
      if (fault.commit !== true) await hit.released();
      return isOver(deps, call) ? 'lost' : undefined;
    case 'html200':
      return html(200, 'Down for Maintenance', MAINTENANCE);
    case 'html500':
      return html(500, 'Oops!', 'Something went wrong and we could not process your request.');
    case '503':
      return html(503, 'Service Unavailable', MAINTENANCE, retryAfter(fault.retryAfterSeconds));
    case '429':
      return html(429, 'Too Many Requests', 'Slow down.', retryAfter(fault.retryAfterSeconds ?? 1));
    case '403ip':
      return failure(call, `Invalid IP ${fault.ip ?? '203.0.113.9'}`, 403);
    case '403auth':
      return failure(call, 'Authentication Failed', 403);
    case '403permission':
      return failure(call, permissionMessage(call.entry.action), 403);
    case 'businessError':
      return failure(call, fault.message, 200);
    default:
      return undefined;
  }
}

/** Faults that spoil the answer of a call that was executed. */
async function afterCommit(
  deps: CallDeps,
  hit: Hit,
  executed: Executed,
  wire: WireAnswer,
): Promise<WireAnswer | 'lost'> {
  const { fault } = hit;
  switch (fault.kind) {
    case 'commitThenLose':
      return 'lost';
    case 'partialAdd':
      return executed.interrupted ? 'lost' : wire;
    case 'commitThenHtml':
      return html(200, 'Down for Maintenance', MAINTENANCE);
    case 'commitThen5xx':
      return html(fault.status ?? 502, 'Bad Gateway', 'The server returned an invalid or incomplete response.');
    case 'hang':
      if (fault.commit === true) await hit.released();
      return deps.closing.aborted ? 'lost' : wire;
    case 'truncatedJson':
      return { ...wire, body: wire.body.slice(0, Math.max(1, Math.floor(wire.body.length / 2))) };
    case 'wrongContentType':
      return { ...wire, headers: { 'content-type': 'text/html; charset=utf-8' } };
    case 'phpWarning':
      return {
        ...wire,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: `<br />\n<b>Warning</b>:  Undefined array key "hook" in <b>/var/www/whmcs/includes/hooks/order.php</b> on line <b>42</b><br />\n${wire.body}`,
      };
    case 'hugeBody':
      return { ...wire, body: wire.body + ' '.repeat(fault.bytes ?? 32_000_000) };
    default:
      return wire;
  }
}

/** True if the emulator was closed or reset since the call came: it must not write any more. */
function isOver(deps: CallDeps, call: Call): boolean {
  return deps.closing.aborted || deps.store.generation !== call.generation;
}

/** Runs the action. It does not wait for anything, so calls never mix. */
function commit(deps: CallDeps, call: Call, fault: CallFault | undefined): Executed {
  const { store, ledger, faults } = deps;
  const found = findAction(call.entry.action);
  const changesBefore = ledger.changeCount;
  store.currentCall = call.entry.seq;
  try {
    if (found === undefined) throw new BusinessError('Command Not Found');
    const answer = found.action({
      store,
      params: call.params,
      checked: fault?.kind === 'commitLate' && fault.checked === true,
      moduleCreate: (service) => faults.moduleFailure(service.pid),
      afterService: (made) => {
        if (fault?.kind === 'partialAdd' && made >= fault.services) throw new Interrupted('The server process ended.');
      },
    });
    call.entry.result = 'success';
    return { answer: { result: 'success', ...answer }, status: 200, interrupted: false };
  } catch (error) {
    if (error instanceof Interrupted) return { answer: {}, status: 500, interrupted: true };
    if (!(error instanceof BusinessError)) throw error;
    note(call, error.message);
    return { answer: { result: 'error', message: error.message }, status: 200, interrupted: false };
  } finally {
    store.currentCall = null;
    if (ledger.changeCount > changesBefore) {
      call.entry.committed = true;
      call.entry.committedLate = call.entry.outcome === 'lost';
    }
  }
}

async function commitLater(deps: CallDeps, call: Call, hit: Hit, afterMs: number | undefined): Promise<void> {
  const released = hit.released();
  const waits = [released];
  const cancelled = new AbortController();
  const signal = AbortSignal.any([deps.closing, cancelled.signal]);
  if (afterMs !== undefined) waits.push(delay(afterMs, undefined, { signal }).catch(() => undefined));
  await Promise.race(waits);
  cancelled.abort();
  if (isOver(deps, call)) return;
  if (refusal(deps.access, call.params, call.entry.action, call.ip) !== null) return;
  if ((await deps.faults.barriers.pass(call.entry, 'before-commit')) === 'drop' || isOver(deps, call)) return;
  commit(deps, call, hit.fault);
  await deps.faults.barriers.pass(call.entry, 'after-commit');
}

function failure(call: Call, message: string, status: number): WireAnswer {
  note(call, message);
  return encode(call.entry.action, { result: 'error', message }, call.params.text('responsetype'), status);
}

function note(call: Call, message: string): void {
  call.entry.result = 'error';
  call.entry.message = message;
}

function retryAfter(seconds: number | undefined): Record<string, string> {
  return seconds === undefined ? {} : { 'retry-after': String(seconds) };
}
