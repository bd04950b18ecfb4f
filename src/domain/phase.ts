/** Where an order is on its path. The last five are where a run rests or ends. */
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
