import { readFileSync, writeFileSync } from 'node:fs';
import Table from 'cli-table3';
import { commandOf } from './arguments';
import type { PlanSize } from './derive';
import type { RoundResult } from './round';
import { allInjections, injectionOf, keyOf, type Injection } from './rows';

interface Row extends Injection {
  injected: number;
  rounds: number;
  orders: number;
  lost: number;
  doubled: number;
  stale: number;
  /** Seconds, of every injection whose orders were settled before the round ended. */
  recovery: number[];
}

const NAMES = ['fault', 'strikes', 'when'];
const HEAD = [...NAMES, 'injected', 'rounds', 'orders', 'lost', 'doubled', 'stale', 'recovery, s: median', 'longest'];

/**
 * One row for each way of going wrong, those that were not injected too. Orders, and what befell them, are those of the rounds in which it
 * was injected.
 */
export function rowsOf(results: readonly RoundResult[], size: Pick<PlanSize, 'slow'>): Row[] {
  const rows = new Map(allInjections(size).map((injection) => [keyOf(injection), fresh(injection)]));
  for (const { faults, orders, lost, doubled, stale } of results) {
    const seen = new Set<string>();
    for (const { fault, when, fired, recoverySeconds } of faults) {
      if (!fired) continue;
      const injection = injectionOf({ fault, when });
      const key = keyOf(injection);
      const row = rows.get(key) ?? fresh(injection);
      rows.set(key, row);
      row.injected += 1;
      if (recoverySeconds !== undefined) row.recovery.push(recoverySeconds);
      if (seen.has(key)) continue;
      seen.add(key);
      row.rounds += 1;
      row.orders += orders;
      row.lost += lost;
      row.doubled += doubled;
      row.stale += stale;
    }
  }
  return [...rows.values()].sort((a, b) => keyOf(a).localeCompare(keyOf(b), 'en'));
}

function fresh(injection: Injection): Row {
  return { ...injection, injected: 0, rounds: 0, orders: 0, lost: 0, doubled: 0, stale: 0, recovery: [] };
}

function cells({ fault, target, when, injected, rounds, orders, lost, doubled, stale, recovery }: Row): string[] {
  const sorted = [...recovery].sort((a, b) => a - b);
  const seconds = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(1));
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  return [
    ...[fault, target, when],
    ...[injected, rounds, orders, lost, doubled, stale].map(String),
    seconds(median),
    seconds(sorted.at(-1)),
  ];
}

/** For a terminal: what was injected. */
export function table(results: readonly RoundResult[], size: Pick<PlanSize, 'slow'>): string {
  const drawn = new Table({ head: HEAD, style: { head: [], border: [], compact: true } });
  for (const row of rowsOf(results, size).filter(({ injected }) => injected > 0)) drawn.push(cells(row));
  return drawn.toString();
}

const BEGIN = '<!-- made by npm run chaos: begin -->';
const END = '<!-- made by npm run chaos: end -->';

/**
 * Puts the table of this run between the marks of a Markdown file.
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

function markdown(results: readonly RoundResult[], command: ReportedCommand): string {
  const line = (values: readonly string[]): string => `| ${values.join(' | ')} |`;
  const sum = (pick: (result: RoundResult) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  const seeds = (of: readonly RoundResult[]): string => of.map(({ seed }) => seed).join(', ');
  const unsound = results.filter(({ problems }) => problems.length > 0);
  const rows = rowsOf(results, command);
  const played = rows.filter(({ injected }) => injected > 0).length;
  return [
    `\`${commandOf(command)}\`: ${results.length} rounds in ${(sum(({ seconds }) => seconds) / 60).toFixed(0)} minutes, seeds ${seeds(results)}; ` +
      `${sum(({ orders }) => orders)} orders approved, ${sum(({ faults }) => faults.length)} faults, ${sum(({ answers }) => answers)} answers of the portal. ` +
      `Of ${rows.length} ways of going wrong ${played} were played. ` +
      (unsound.length === 0 ? 'Every promise held in every round.' : `Not sound: seeds ${seeds(unsound)}.`),
    '',
    line(HEAD),
    line(HEAD.map((_, index) => (index < NAMES.length ? '---' : '---:'))),
    ...rows.map((row) => line(cells(row))),
  ].join('\n');
}
