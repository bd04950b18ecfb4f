import { judged, type Figures } from './figures';
import type { Memory } from './listener/report';
import type { Report } from './report';

/** What an order on the usual path may cost. */
const BUDGET = { salesforceCalls: 3, whmcsCalls: 3, activities: 5, actions: 8 };

/** Memory is flat where the last quarter of so many events holds at most so much more than the first. */
const FLAT = { events: 1_000_000, lastOverFirst: 1.05 };

/** What is aimed at, and what became of it. Undefined where a part was not measured that has a goal. */
export function goalFigures({ orders, reads, races, hits, idleEvents, starts }: Report): Figures[] | undefined {
  if (!orders || !reads || !races || !hits || !idleEvents || !starts) return undefined;
  const rows: string[][] = [];
  const counted = (what: string, goal: string, found: string, met: boolean): void => {
    rows.push([what, goal, found, met ? 'met' : NOT_MET]);
  };
  const measured = (what: string, goal: number, median: number): void => {
    rows.push([what, `at least ${goal}`, median.toFixed(2), judged(goal, median).replace(`${goal} `, '')]);
  };
  measured(
    'listener, events that start nothing: events/s over those of a bare client',
    idleEvents.goal,
    idleEvents.ratio.median,
  );
  rows.push(memoryGoal(idleEvents.memory));
  measured('listener, events that start runs: starts/s over those of the best loop', starts.goal, starts.ratio.median);
  for (const { against, concurrency, ratio, goal } of hits) {
    if (goal !== undefined) measured(`cache, hits/s over ${against}, ${concurrency} at a time`, goal, ratio.median);
  }
  for (const { cache, readers, processes, sourceReads } of reads) {
    if (cache !== PRODUCT) continue;
    const what = `cache, reads of Salesforce for ${readers} readers in ${processes} processes`;
    counted(what, '1', String(sourceReads), sourceReads === 1);
  }
  const mine = races.filter(({ cache }) => cache === PRODUCT);
  const [raced, stale] = [sum(mine.map((each) => each.races)), sum(mine.map((each) => each.stale))];
  counted(`cache, stale answers in ${raced} races`, '0', String(stale), stale === 0);
  const usual = orders.find(({ path }) => path === 'usual path');
  const names = Object.keys(BUDGET) as (keyof typeof BUDGET)[];
  const cost = names.map((name) => usual?.[name] ?? NaN);
  const within = names.every((name) => (usual?.[name] ?? NaN) <= BUDGET[name]);
  const what = 'an order: calls of Salesforce and of WHMCS, activities, billable actions';
  counted(what, `at most ${Object.values(BUDGET).join(', ')}`, cost.join(', '), within);
  return [{ head: ['What', 'goal', 'found', ''], rows }];
}

/** Fewer events cannot meet the goal, though they can miss it. */
function memoryGoal({ events, resident }: Memory): string[] {
  const met = events < FLAT.events ? '**not measured**: too few events' : 'met';
  return [
    'listener, events that start nothing: resident memory, last quarter over first',
    `at most ${FLAT.lastOverFirst}, after ${count(FLAT.events)} events`,
    `${resident.toFixed(2)} after ${count(events)}`,
    resident > FLAT.lastOverFirst ? NOT_MET : met,
  ];
}

const count = (value: number): string => value.toLocaleString('en-US');
const NOT_MET = '**not met**';
const PRODUCT = 'OrdersCache';
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
