import type { Plan, PlannedFault, PlannedOrder } from './plan';

/** A build that is broken on purpose, and the plan under which the checker must see it. */
export interface Mutant {
  name: string;
  /** What breaks: source file, the text that goes, the text that comes. Each text is in its file exactly once. */
  edits: readonly { file: string; find: string; replace: string }[];
  plan: Plan;
  /** What the checker must say, among other things. */
  says: RegExp;
}

/**
 * A plan of a few orders, all of which are approved. No sweep: what the events do not bring home is lost, as it would be until the
 * next sweep. The sound build must get over each plan in the time to drain, or the plan would catch anything: `--mutants` plays it first.
 * @param special what the second order is, other than approved as it is
 */
export function plan(faults: PlannedFault[], count = 8, special: Partial<PlannedOrder> = {}): Plan {
  const usual: PlannedOrder = { role: 'approved', account: 0, items: ['VPS-S', 'BACKUP'], edit: 'none' };
  const orders = Array.from({ length: count }, (_, n) => ({ ...usual, account: n % 2, ...(n === 1 ? special : {}) }));
  return { seed: 1, orders, faults, mode: 'cdc', sweeps: false, drainSeconds: 60 };
}
