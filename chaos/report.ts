import { readFileSync, writeFileSync } from 'node:fs';
import Table from 'cli-table3';
import { commandOf } from './arguments';
import type { PlanSize } from './derive';
import type { RoundResult } from './round';
import { allInjections, injectionOf, keyOfTarget, SECTIONS, type Injection } from './rows';

/** A fault on a target, and what came of it. */
export interface Row extends Omit<Injection, 'when'> {
  /** How often it struck, by what had happened then; 0: it may, and did not in this run. */
  moments: Map<string, number>;
  rounds: number;
  orders: number;
  lost: number;
  doubled: number;
  stale: number;
  /** Seconds, of every injection whose orders were settled before the round ended. */
  recovery: number[];
}

const NAMES = ['fault', 'injection', 'struck when (times)'];
const HEAD = [...NAMES, 'runs', 'orders', 'lost', 'doubled', 'stale', 'recovery, s: median', 'longest'];

/** What struck in these rounds. */
export function injected(results: readonly RoundResult[]): Injection[] {
  return results.flatMap(({ faults }) => faults.filter(({ fired }) => fired).map(injectionOf));
}

/**
 * One row for each fault on each target, those that were not injected too, section by section. Orders, and what befell them, are those
 * of the rounds in which it was injected.
 */
export function rowsOf(results: readonly RoundResult[], size: Pick<PlanSize, 'slow'>): Row[] {
  const rows = new Map<string, Row>();
  const rowOf = (injection: Injection): Row => {
    const key = keyOfTarget(injection);
    const row = rows.get(key) ?? fresh(injection);
    rows.set(key, row);
    return row;
  };
  for (const injection of allInjections(size)) rowOf(injection).moments.set(injection.when, 0);
  for (const result of results) {
    const struck = new Set<Row>();
    for (const played of result.faults.filter(({ fired }) => fired)) {
      const injection = injectionOf(played);
      const row = rowOf(injection);
      struck.add(row);
      row.moments.set(injection.when, (row.moments.get(injection.when) ?? 0) + 1);
      if (played.recoverySeconds !== undefined) row.recovery.push(played.recoverySeconds);
    }
    for (const row of struck) {
      row.rounds += 1;
      for (const what of ['orders', 'lost', 'doubled', 'stale'] as const) row[what] += result[what];
    }
  }
  const placeOf = ({ section }: Row): number => SECTIONS.indexOf(section);
  return [...rows.values()].sort(
    (a, b) => placeOf(a) - placeOf(b) || keyOfTarget(a).localeCompare(keyOfTarget(b), 'en'),
  );
}

function fresh({ section, fault, target }: Injection): Row {
  return {
    section,
    fault,
    target,
    moments: new Map(),
    rounds: 0,
    orders: 0,
    lost: 0,
    doubled: 0,
    stale: 0,
    recovery: [],
  };
}

function cells({ fault, target, moments, rounds, orders, lost, doubled, stale, recovery }: Row): string[] {
  const sorted = [...recovery].sort((a, b) => a - b);
  const seconds = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(1));
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  const when = [...moments].map(([moment, times]) => `${moment} (${times === 0 ? 'not played' : times})`).join('; ');
  const counts = [rounds, orders, lost, doubled, stale].map((count) => (rounds === 0 ? '-' : String(count)));
  return [fault, target, when, ...counts, seconds(median), seconds(sorted.at(-1))];
}

/** For a terminal: what was injected. */
export function table(results: readonly RoundResult[], size: Pick<PlanSize, 'slow'>): string {
  const colWidths = [26, 32, 40, ...HEAD.slice(NAMES.length).map(() => null)];
  const drawn = new Table({ head: HEAD, colWidths, wordWrap: true, style: { head: [], border: [], compact: true } });
  for (const row of rowsOf(results, size).filter(({ rounds }) => rounds > 0)) drawn.push(cells(row));
  return drawn.toString();
}

const BEGIN = '<!-- made by npm run chaos: begin -->';
const END = '<!-- made by npm run chaos: end -->';

/**
 * Puts the tables of this run between the marks of a Markdown file.
 * @param command that was played
 * @throws Error where it has no such marks
 */
export function writeReport(file: string, results: readonly RoundResult[], command: ReportedCommand): void {
  const text = readFileSync(file, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`${file} has no place for the table (${BEGIN} … ${END})`);
  writeFileSync(file, `${before}${BEGIN}\n\n${markdown(results, command)}\n\n${END}${after}`);
}

type ReportedCommand = Parameters<typeof commandOf>[0];

/** @returns the report, without the marks */
export function markdown(results: readonly RoundResult[], command: ReportedCommand): string {
  const line = (values: readonly string[]): string => `| ${values.join(' | ')} |`;
  const rows = rowsOf(results, command);
  const head = [line(HEAD), line(HEAD.map((_, index) => (index < NAMES.length ? '---' : '---:')))];
  const sections = SECTIONS.map((section) => ({ section, of: rows.filter((row) => row.section === section) }));
  return [
    summary(results, rows, command),
    ...sections.flatMap(({ section, of }) =>
      of.length === 0 ? [] : ['', `### ${section}`, '', ...head, ...of.map((row) => line(cells(row)))],
    ),
  ].join('\n');
}

function summary(results: readonly RoundResult[], rows: readonly Row[], command: ReportedCommand): string {
  const sum = (pick: (result: RoundResult) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  const seeds = (of: readonly RoundResult[]): string => of.map(({ seed }) => seed).join(', ');
  const unsound = results.filter(({ problems }) => problems.length > 0);
  const moments = rows.flatMap((row) => [...row.moments.values()]);
  const minutes = sum(({ seconds }) => seconds) / 60;
  return [
    `\`${commandOf(command)}\`: ${results.length} rounds in ${minutes.toFixed(0)} minutes, seeds ${seeds(results)}; ` +
      `${sum(({ orders }) => orders)} orders approved, ${injected(results).length} faults, ${sum(({ answers }) => answers)} answers of the portal.`,
    `Lost: ${sum(({ lost }) => lost)}; doubled: ${sum(({ doubled }) => doubled)}; stale: ${sum(({ stale }) => stale)}. ` +
      (unsound.length === 0 ? 'Every promise held in every round.' : `Not sound: seeds ${seeds(unsound)}.`),
    `Of ${rows.length} faults on a target ${rows.filter(({ rounds }) => rounds > 0).length} were played, ` +
      `at ${moments.filter((times) => times > 0).length} of the ${moments.length} moments at which a plan may have them.`,
  ].join('\n');
}
