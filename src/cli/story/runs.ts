import type { Phase } from '../../domain/phase';
import type { Run } from '../../temporal/operator';
import { instant, printable, table, type Paint } from '../output';
import { codeOf, type Codes } from './codes';

const NO_CODES: Codes = new Map();

/** A run in the JSON of the verbs. */
export function runDocument(run: Run) {
  const { orderId, workflowId, runId, state, phase, trigger, whmcsOrderId, accountId } = run;
  const times = { startedAt: run.startedAt.toISOString(), closedAt: run.closedAt?.toISOString() ?? null };
  return { orderId, workflowId, runId, state, phase, trigger, whmcsOrderId, accountId, ...times };
}

/** A phase in the colour of what it asks for. */
export function paintPhase(phase: Phase | null, paint: Paint): string {
  if (phase === null) return paint('dim', 'unknown');
  if (phase === 'AwaitingReprovision' || phase === 'Abandoned') return paint('red', phase);
  if (phase === 'Activated') return paint('green', phase);
  return phase === 'Skipped' || phase === 'Cancelled' ? paint('dim', phase) : paint('cyan', phase);
}

/** Runs for a person, one a line, and why those that wait do. */
export function runTable(runs: readonly Run[], paint: Paint, codes = NO_CODES): string {
  const rows = runs.map((run) => [
    printable(run.orderId),
    paintPhase(run.phase, paint),
    printable(codeOf(run, codes) ?? '-'),
    run.state,
    printable(run.whmcsOrderId ?? '-'),
    printable(run.trigger ?? '-'),
    instant(run.startedAt),
  ]);
  return table(['ORDER', 'PHASE', 'CODE', 'RUN', 'WHMCS', 'TRIGGER', 'STARTED'], rows, paint);
}
