import { CASES, type Case } from './cases';
import { resourcesOf } from './claims';
import { EDITS, type Fault, type Plan, type PlannedOrder } from './plan';
import { random, type Random } from './random';

export interface PlanSize {
  orders: number;
  /** As many of them as do not get into each other's way. */
  faults: number;
  /** Also the faults after which the product rests for minutes before it tries again. */
  slow: boolean;
}

/** Baskets of the seeded catalog that WHMCS can sell. */
const BASKETS = [['HOST-START'], ['HOST-BUS', 'MAIL'], ['VPS-S', 'BACKUP'], ['VPS-S'], ['HOST-START', 'HOST-START']];
const UNLINKED = 'MAINFRAME';
export const ACCOUNTS = 4;

/** One order in so many is not simply approved. */
const ROLE_PERCENT = { 'created-approved': 15, unlinked: 8, draft: 6, cancelled: 6 } as const;

const DUAL_PERCENT = 25;

/** A worker that dies in an AddOrder is waited for until the call's whole time is up, a minute here. */
export const DRAIN_SECONDS = 120;

/** The plan of a seed. The same seed and size give the same plan. */
export function derivePlan(seed: number, size: PlanSize): Plan {
  const dice = random(seed);
  const orders = Array.from({ length: size.orders }, () => order(dice));
  const sold = orders.filter(({ role }) => role === 'approved' || role === 'created-approved').length;
  const chosen = chooseFaults(dice, size);
  // Early enough that what it waits for is sure to come, late enough that it meets work under way.
  const latest = Math.max(1, Math.floor(sold * 0.6));
  const faults = chosen.map(({ fault, from: { barriers, healAfter } }) => ({
    when: dice.pick(barriers)(dice.int(1, latest)),
    healAfter: healAfter === undefined ? 0 : dice.int(...healAfter),
    fault,
  }));
  const drainSeconds =
    DRAIN_SECONDS + Math.max(0, ...chosen.map(({ from: { restsForSeconds } }) => restsForSeconds ?? 0));
  const sweeps = chosen.some(({ from: { needsSweep } }) => needsSweep === true);
  const mode = dice.chance(DUAL_PERCENT) ? 'dual' : 'cdc';
  return { seed, orders, faults, mode, sweeps, drainSeconds };
}

export interface ChosenFault {
  from: Case;
  fault: Fault;
}

/**
 * Faults of which no two take hold of the same thing. Of the groups that still have one, each comes once before any comes twice, so
 * that a few rounds meet every kind of trouble.
 */
export function chooseFaults(dice: Random, { faults, slow }: Pick<PlanSize, 'faults' | 'slow'>): ChosenFault[] {
  const open = CASES.filter(({ restsForSeconds }) => slow || restsForSeconds === undefined);
  let groups = dice.shuffle([...new Set(open.map(({ group }) => group))]);
  const chosen: ChosenFault[] = [];
  const taken = new Set<string>();
  while (groups.length > 0 && chosen.length < faults) {
    groups = groups.filter((group) => {
      if (chosen.length === faults) return true;
      const fitting = open
        .filter((each) => each.group === group)
        .map((from) => ({ from, fault: from.make(dice) }))
        .filter(({ fault }) => !resourcesOf(fault).some((resource) => taken.has(resource)));
      if (fitting.length === 0) return false;
      const one = dice.pick(fitting);
      chosen.push(one);
      resourcesOf(one.fault).forEach((resource) => taken.add(resource));
      return true;
    });
  }
  return chosen;
}

function order(dice: Random): PlannedOrder {
  const roll = dice.int(1, 100);
  let bound = 0;
  for (const [role, percent] of Object.entries(ROLE_PERCENT) as [keyof typeof ROLE_PERCENT, number][]) {
    bound += percent;
    if (roll <= bound) return { role, ...contents(dice, role === 'unlinked') };
  }
  return { role: 'approved', ...contents(dice, false) };
}

function contents(dice: Random, unlinked: boolean): Pick<PlannedOrder, 'account' | 'items' | 'edit'> {
  const account = dice.int(0, ACCOUNTS - 1);
  const items = dice.pick(BASKETS);
  const edit = dice.pick(EDITS);
  return { account, items: unlinked ? [...items, UNLINKED] : items, edit };
}
