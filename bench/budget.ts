import type { Part } from './arguments';

/** What a full run and a quick one may take in all, s. */
export const TOTAL_SECONDS = { full: 600, quick: 90 };

/** What each part takes where other work shares the machine, s; those of a run fit its total. */
const USUAL: Record<Part, { full: number; quick: number }> = {
  orders: { full: 12, quick: 10 },
  latency: { full: 62, quick: 13 },
  variants: { full: 36, quick: 20 },
  peer: { full: 105, quick: 38 },
  reads: { full: 7, quick: 5 },
  races: { full: 12, quick: 6 },
  hits: { full: 30, quick: 8 },
  invalidations: { full: 8, quick: 4 },
  'idle-events': { full: 78, quick: 15 },
  starts: { full: 45, quick: 5 },
  backlog: { full: 65, quick: 5 },
  startup: { full: 36, quick: 15 },
  growth: { full: 70, quick: 18 },
};

/** So much of that is kept for the parts after one that takes longer: what they need where nothing else is done. */
const KEPT = 0.6;

/**
 * How long a part may take, s, where `left` are left for it and the parts after it: all but what is kept for those. Where that is
 * less than its share, its share.
 */
export function limitOf(part: Part, after: readonly Part[], left: number, quick: boolean): number {
  const usual = (each: Part): number => USUAL[each][quick ? 'quick' : 'full'];
  const later = after.reduce((sum, each) => sum + usual(each), 0);
  const share = (left * usual(part)) / (usual(part) + later);
  return Math.max(0, left - KEPT * later, share);
}
