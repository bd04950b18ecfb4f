import { CASES } from './cases';
import { derivePlan, type PlanSize } from './derive';
import type { Barrier, Fault, Plan, PlannedFault, Who } from './plan';
import { random } from './random';

/** What tells one way of going wrong from another: a row of the report. How often and how long are left out. */
export interface Injection {
  fault: string;
  /** Whom or what it strikes. */
  target: string;
  /** What had happened when it struck. */
  when: string;
}

export function injectionOf({ fault, when }: Pick<PlannedFault, 'fault' | 'when'>): Injection {
  return { ...faultAndTarget(fault), when: whenOf(when) };
}

/** An injection as a key of a map. */
export function keyOf({ fault, target, when }: Injection): string {
  return `${fault} | ${target} | ${when}`;
}

function faultAndTarget(fault: Fault): Omit<Injection, 'when'> {
  const { kind } = fault;
  switch (fault.kind) {
    case 'kill':
    case 'freeze':
    case 'restart':
      return { fault: kind, target: processes(fault.who) };
    case 'clock-step':
      return { fault: `clock ${fault.hours < 0 ? 'back' : 'forward'}`, target: processes(fault.who) };
    case 'kill-listener':
      return { fault: 'kill', target: `the leader, with an event in hand, ${spaced(fault.when)}` };
    case 'kill-workers-in-salesforce':
      return { fault: 'kill', target: `the workers, in a ${spaced(fault.call)}, ${spaced(fault.point)}` };
    case 'zombie-worker':
      return { fault: kind, target: `the workers; its AddOrder commits ${spaced(fault.commits)}` };
    case 'cut':
    case 'stall':
    case 'slow':
      return { fault: kind, target: `link ${fault.link}` };
    case 'salesforce':
      return { fault: `Salesforce: ${fault.fault}`, target: 'a worker' };
    case 'salesforce-portal':
      return { fault: `Salesforce: ${fault.fault}`, target: 'the portal' };
    case 'whmcs':
      return { fault: `WHMCS: ${fault.fault}`, target: fault.action };
    case 'deployment':
    case 'all-stopped':
      return { fault: kind, target: kind === 'deployment' ? 'all processes' : 'all processes, Temporal, Redis' };
    case 'temporal-killed':
      return { fault: kind, target: fault.times > 1 ? 'Temporal, in a burst' : 'Temporal' };
    case 'temporal-frozen':
    case 'temporal-lost':
      return { fault: kind, target: 'Temporal' };
    case 'redis-killed':
    case 'redis-frozen':
    case 'redis-emptied':
    case 'redis-read-only':
      return { fault: kind, target: 'Redis' };
    case 'sessions-expired':
      return { fault: kind, target: 'all sessions' };
    case 'streams-cut':
    case 'streams-half-open':
    case 'streams-silent':
    case 'events-repeated':
    case 'events-disordered':
    case 'events-delayed':
    case 'gap-events':
    case 'overflow':
    case 'replay-id-expired':
      return { fault: kind, target: 'the listeners' };
  }
}

function processes(who: Who): string {
  if (who.startsWith('worker-')) return 'a worker';
  if (who.startsWith('listener-')) return 'a listener';
  return who === 'portal' ? 'the portal' : who === 'everyone' ? 'all processes' : `the ${who}`;
}

function whenOf(when: Barrier): string {
  switch (when.at) {
    case 'approved':
      return 'an order is approved';
    case 'activated':
      return 'an order is Activated';
    case 'started':
      return 'a run is there';
    case 'call':
      return `in ${when.action}, ${spaced(when.point)}`;
  }
}

const spaced = (text: string): string => text.replaceAll('-', ' ');

/** Enough dice to throw every side of every case. */
const THROWS = 400;

/** Every injection that a plan may hold, each once. */
export function allInjections({ slow }: Pick<PlanSize, 'slow'>): Injection[] {
  const found = new Map<string, Injection>();
  for (const { make, barriers } of CASES.filter(({ restsForSeconds }) => slow || restsForSeconds === undefined)) {
    const dice = random(1);
    for (let thrown = 0; thrown < THROWS; thrown++) {
      const fault = make(dice);
      for (const barrier of barriers) {
        const injection = injectionOf({ fault, when: barrier(1) });
        found.set(keyOf(injection), injection);
      }
    }
  }
  return [...found.values()];
}

/** How far ahead a long run looks for a plan that plays what it has not yet played. */
const SEEDS_AHEAD = 2_000;

/** The plan, of those of the next seeds, that plays most of what was not played yet; the first of them where that is all the same. */
export function planOfMostNews(seed: number, size: PlanSize, played: readonly Injection[]): Plan {
  const known = new Set(played.flatMap(namesOf));
  let best = derivePlan(seed, size);
  let most = newsOf(best, known);
  for (let ahead = 1; ahead < SEEDS_AHEAD && known.size > 0; ahead++) {
    const plan = derivePlan(seed + ahead, size);
    const news = newsOf(plan, known);
    if (news > most) [best, most] = [plan, news];
  }
  return best;
}

/** A fault on a target that was never struck is more of a novelty than another moment to strike it. */
function newsOf({ faults }: Plan, known: ReadonlySet<string>): number {
  return new Set(faults.flatMap((planned) => namesOf(injectionOf(planned))).filter((name) => !known.has(name))).size;
}

function namesOf(injection: Injection): string[] {
  const target = `${injection.fault} | ${injection.target}`;
  return [`${target} (1)`, `${target} (2)`, keyOf(injection)];
}
