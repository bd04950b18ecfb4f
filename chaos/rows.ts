import { CASES } from './cases';
import { derivePlan, type PlanSize } from './derive';
import type { Barrier, Fault, Plan, PlannedFault, Who } from './plan';
import { random } from './random';

/** The parts of the report, in their order. */
export const SECTIONS = [
  'Processes',
  'Temporal',
  'Redis',
  'Links',
  'Streams and events',
  'Answers of Salesforce',
  'Answers of WHMCS',
] as const;
export type Section = (typeof SECTIONS)[number];

/** What tells one way of going wrong from another. How often and how long are left out. */
export interface Injection {
  section: Section;
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
export function keyOf(injection: Injection): string {
  return `${keyOfTarget(injection)} | ${injection.when}`;
}

/** The same fault on the same target, whenever it strikes: a row of the report. */
export function keyOfTarget({ fault, target }: Pick<Injection, 'fault' | 'target'>): string {
  return `${fault} | ${target}`;
}

function faultAndTarget(fault: Fault): Omit<Injection, 'when'> {
  const [section, name, target] = described(fault);
  return { section, fault: name, target };
}

function described(fault: Fault): [section: Section, fault: string, target: string] {
  const { kind } = fault;
  switch (fault.kind) {
    case 'kill':
    case 'freeze':
    case 'restart':
      return ['Processes', kind, processes(fault.who)];
    case 'clock-step':
      return ['Processes', `clock ${fault.hours < 0 ? 'back' : 'forward'}`, processes(fault.who)];
    case 'freeze-past-its-lease':
      return ['Processes', 'freeze', 'the leader, until another has taken over'];
    case 'kill-listener':
      return ['Processes', 'kill', `the leader, with an event in hand, ${spaced(fault.when)}`];
    case 'kill-workers-in-salesforce':
      return ['Processes', 'kill', `the workers, in a ${spaced(fault.call)}, ${spaced(fault.point)}`];
    case 'kill-workers-in-rare-call':
      return ['Processes', 'kill', `the workers, in ${fault.call}, ${spaced(fault.point)}`];
    case 'zombie-worker':
      return ['Processes', kind, `the workers; its AddOrder commits ${spaced(fault.commits)}`];
    case 'cut':
    case 'stall':
    case 'slow':
      return ['Links', kind, `link ${fault.link}`];
    case 'salesforce':
      return ['Answers of Salesforce', `Salesforce: ${fault.fault}`, 'a worker'];
    case 'salesforce-portal':
      return ['Answers of Salesforce', `Salesforce: ${fault.fault}`, 'the portal'];
    case 'whmcs':
      return ['Answers of WHMCS', `WHMCS: ${fault.fault}`, fault.action];
    case 'deployment':
    case 'all-stopped':
      return ['Processes', kind, kind === 'deployment' ? 'all processes' : 'all processes, Temporal, Redis'];
    case 'temporal-killed':
      return ['Temporal', kind, fault.times > 1 ? 'Temporal, in a burst' : 'Temporal'];
    case 'temporal-frozen':
    case 'temporal-lost':
      return ['Temporal', kind, 'Temporal'];
    case 'redis-killed':
    case 'redis-frozen':
    case 'redis-emptied':
    case 'redis-read-only':
      return ['Redis', kind, 'Redis'];
    case 'sessions-expired':
      return ['Streams and events', kind, 'all sessions'];
    case 'streams-cut':
    case 'streams-half-open':
    case 'streams-silent':
    case 'events-repeated':
    case 'events-disordered':
    case 'events-delayed':
    case 'gap-events':
    case 'overflow':
    case 'replay-id-expired':
      return ['Streams and events', kind, 'the listeners'];
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
export function allInjections({ slow }: Pick<PlanSize, 'slow'>): readonly Injection[] {
  return slow ? (EVERY.slow ??= collectInjections(true)) : (EVERY.quick ??= collectInjections(false));
}

/** Collected once: it is asked for again for each plan. */
const EVERY: { slow?: readonly Injection[]; quick?: readonly Injection[] } = {};

function collectInjections(slow: boolean): Injection[] {
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

/**
 * The plan of a seed for a run that has played these: as much as there is room for of what it has not. What takes minutes comes when
 * every other fault has struck each of its targets.
 */
export function planOfMostNews(seed: number, size: PlanSize, played: readonly Injection[]): Plan {
  if (played.length === 0) return derivePlan(seed, size);
  const known = new Set(played.flatMap(namesOf));
  const isStruck = (injection: Injection): boolean => namesOf(injection).some((name) => known.has(name));
  const isLeft = unplayed(size, played).length > unplayed({ slow: false }, played).length;
  const slow = isLeft && allInjections({ slow: false }).every(isStruck);
  return derivePlan(
    seed,
    { ...size, slow },
    {
      worthOf: (planned) => namesOf(injectionOf(planned)).filter((name) => !known.has(name)).length,
      chosen: (planned) => namesOf(injectionOf(planned)).forEach((name) => known.add(name)),
    },
  );
}

/** What of all that a plan may hold has not been played. */
export function unplayed(size: Pick<PlanSize, 'slow'>, played: readonly Injection[]): Injection[] {
  const known = new Set(played.map(keyOf));
  return allInjections(size).filter((injection) => !known.has(keyOf(injection)));
}

/** A fault on a target that was never struck is more of a novelty than another moment to strike it. */
function namesOf(injection: Injection): string[] {
  const target = keyOfTarget(injection);
  return [`${target} (1)`, `${target} (2)`, keyOf(injection)];
}
