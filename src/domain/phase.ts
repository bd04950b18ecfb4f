/** Where an order is on its path. */
export const PHASES = [
  'Loading',
  'Skipped',
  'Activating',
  'AddingOrder',
  'AcceptingOrder',
  'WritingBack',
  'Activated',
  'AwaitingReprovision',
  'Cancelled',
  'Abandoned',
] as const;
export type Phase = (typeof PHASES)[number];

/** Phases that visibility shows of a run only while it is open. */
const OPEN_PHASES: readonly Phase[] = ['Loading', 'AwaitingReprovision'];

/**
 * Phases that visibility never shows: an order under way is `Loading` there, whichever of these it is in
 * (docs/decisions/0002-phases-that-pass-are-not-published.md). The run itself knows.
 */
export const PASSING_PHASES: readonly Phase[] = ['Activating', 'AddingOrder', 'AcceptingOrder', 'WritingBack'];

/** The search attribute that shows the phase. */
export const PHASE_ATTRIBUTE = 'ProvisioningPhase';

/** Visibility's query for the orders in `phase`. A run that was terminated keeps what it showed last, and is in no open phase. */
export function phaseQuery(phase: Phase): string {
  const shown = `${PHASE_ATTRIBUTE} = '${phase}'`;
  return OPEN_PHASES.includes(phase) ? `ExecutionStatus = 'Running' AND ${shown}` : shown;
}
