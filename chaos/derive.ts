import { CASES, type Case } from './cases';
import { resourcesOf, takesTurns, type Resource } from './claims';
import { EDITS, type Barrier, type Fault, type Plan, type PlannedFault, type PlannedOrder } from './plan';
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

/** A worker that dies in an AddOrder is waited for until the call's whole time is up, a minute here; and a machine may be slow. */
export const DRAIN_SECONDS = 180;

/** What it is worth that a plan has a fault, in the eyes of a run that has played others. */
export interface Taste {
  worthOf: (planned: Pick<PlannedFault, 'fault' | 'when'>) => number;
  /** Told of each that was chosen: the same again is worth nothing. */
  chosen: (planned: Pick<PlannedFault, 'fault' | 'when'>) => void;
}

/** The plan of a seed. The same seed, size and taste give the same plan. */
export function derivePlan(seed: number, size: PlanSize, taste?: Taste): Plan {
  const dice = random(seed);
  const orders = Array.from({ length: size.orders }, () => order(dice));
  const sold = orders.filter(({ role }) => role === 'approved' || role === 'created-approved').length;
  const chosen = chooseFaults(dice, size, taste);
  // Early enough that what it waits for is sure to come, late enough that it meets work under way.
  const latest = Math.max(1, Math.floor(sold * 0.6));
  const faults = chosen.map(({ fault, barrier, from: { healAfter } }) => ({
    when: barrier(dice.int(1, latest)),
    healAfter: healAfter === undefined ? 0 : dice.int(...healAfter),
    fault,
  }));
  // One order may have to rest after each of them.
  const drainSeconds = chosen.reduce((sum, { from: { restsForSeconds = 0 } }) => sum + restsForSeconds, DRAIN_SECONDS);
  const sweeps = chosen.some(({ from: { needsSweep } }) => needsSweep === true);
  const mode = dice.chance(DUAL_PERCENT) ? 'dual' : 'cdc';
  return { seed, orders, faults, mode, sweeps, drainSeconds };
}

export interface ChosenFault {
  from: Case;
  fault: Fault;
  barrier: (n: number) => Barrier;
}

/**
 * Faults of which no two take hold of the same thing, but for those that take turns. Of the groups that still have one, each comes once
 * before any comes twice, so that a few rounds meet every kind of trouble; with a taste, the group that has most to offer comes first.
 */
export function chooseFaults(
  dice: Random,
  { faults, slow }: Pick<PlanSize, 'faults' | 'slow'>,
  taste?: Taste,
): ChosenFault[] {
  const open = CASES.filter(({ restsForSeconds }) => slow || restsForSeconds === undefined);
  let groups = dice.shuffle([...new Set(open.map(({ group }) => group))]);
  const chosen: ChosenFault[] = [];
  const taken = new Map<Resource, Fault>();
  const isFree = (fault: Fault): boolean =>
    resourcesOf(fault).every((resource) => {
      const other = taken.get(resource);
      return other === undefined || (takesTurns(other) && takesTurns(fault));
    });
  while (groups.length > 0 && chosen.length < faults) {
    const left = [...groups];
    while (left.length > 0 && chosen.length < faults) {
      const offers = left.map((group) => {
        const fitting = open
          .filter((each) => each.group === group)
          .flatMap((from) => thrown(dice, from, taste))
          .filter(({ fault }) => isFree(fault));
        return { group, ...best(fitting, taste) };
      });
      groups = groups.filter((group) => !offers.some((offer) => offer.group === group && offer.of.length === 0));
      const [next] = offers.filter(({ of }) => of.length > 0).sort((a, b) => b.worth - a.worth);
      if (next === undefined) break;
      left.splice(left.indexOf(next.group), 1);
      const one = dice.pick(next.of);
      chosen.push(one);
      taste?.chosen({ fault: one.fault, when: one.barrier(1) });
      resourcesOf(one.fault).forEach((resource) => taken.set(resource, one.fault));
    }
  }
  return chosen;
}

/** How often the dice are thrown for a fault that is to somebody's taste. */
const THROWS = 30;

function thrown(dice: Random, from: Case, taste: Taste | undefined): ChosenFault[] {
  if (taste === undefined) return [{ from, fault: from.make(dice), barrier: dice.pick(from.barriers) }];
  const faults = Array.from({ length: THROWS }, () => from.make(dice));
  return faults.flatMap((fault) => from.barriers.map((barrier) => ({ from, fault, barrier })));
}

/** Those that are worth most; all of them without a taste. */
function best(
  fitting: readonly ChosenFault[],
  taste: Taste | undefined,
): { worth: number; of: readonly ChosenFault[] } {
  if (taste === undefined) return { worth: 0, of: fitting };
  // What takes minutes is best had beside its like, which rests meanwhile; and not again, be there nothing else.
  const worthOf = ({ fault, barrier, from: { restsForSeconds } }: ChosenFault): number => {
    const worth = taste.worthOf({ fault, when: barrier(1) });
    if (restsForSeconds === undefined) return worth;
    return worth > 0 ? worth * restsForSeconds : -1;
  };
  const worths = fitting.map(worthOf);
  const worth = Math.max(0, ...worths);
  return { worth, of: fitting.filter((_, at) => worths[at] === worth) };
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
