import { judged, type Figures } from './figures';
import type { Report } from './report';

/** What an order on the usual path may cost. */
const BUDGET = { salesforceCalls: 3, whmcsCalls: 3, activities: 5, actions: 8 };

/** What is aimed at, and what became of it. Undefined where a part was not measured that has a goal. */
export function goalFigures({ orders, reads, races, hits, idleEvents, starts }: Report): Figures[] | undefined {
  if (!orders || !reads || !races || !hits || !idleEvents || !starts) return undefined;
  const rows: string[][] = [];
  const counted = (what: string, goal: string, found: string, met: boolean): void => {
    rows.push([what, goal, found, met ? 'met' : '**not met**']);
  };
  const measured = (what: string, goal: number, median: number): void => {
    rows.push([what, `at least ${goal}`, median.toFixed(2), judged(goal, median).replace(`${goal} `, '')]);
  };
  const best = starts.loops.find((loop) => loop.best);
  measured(
    'listener, events that start nothing: events/s over those of a bare client',
    idleEvents.goal,
    idleEvents.ratio.median,
  );
  if (best)
    measured('listener, events that start runs: starts/s over those of the best loop', starts.goal, best.ratio.median);
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

const PRODUCT = 'OrdersCache';
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
