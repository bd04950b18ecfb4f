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

/** Phases that a run is shown in only while it is open: one that was terminated keeps what it showed last, and is in none of them. */
export const OPEN_PHASES: readonly Phase[] = ['Loading', 'AwaitingReprovision'];

/**
 * Phases that visibility never shows: an order under way is `Loading` there, whichever of these it is in
 * (docs/decisions/0002-phases-that-pass-are-not-published.md). The run itself knows.
 */
export const PASSING_PHASES: readonly Phase[] = ['Activating', 'AddingOrder', 'AcceptingOrder', 'WritingBack'];
