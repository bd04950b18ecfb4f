import { readFileSync, writeFileSync } from 'node:fs';
import Table from 'cli-table3';
import type { RoundResult } from './round';

interface Row {
  fault: string;
  injected: number;
  rounds: number;
  orders: number;
  lost: number;
  doubled: number;
  stale: number;
  /** Seconds, of every injection whose orders were settled before the round ended. */
  recovery: number[];
}

const HEAD = ['fault', 'injected', 'rounds', 'orders', 'lost', 'doubled', 'stale', 'recovery, s: median', 'longest'];

/** One row for each kind of fault. Orders, and what befell them, are those of the rounds in which it was injected. */
function rowsOf(results: readonly RoundResult[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { faults, orders, lost, doubled, stale } of results) {
    const seen = new Set<string>();
    for (const { fault, fired, recoverySeconds } of faults) {
      if (!fired) continue;
      const name = 'fault' in fault ? `${fault.kind}: ${fault.fault}` : fault.kind;
      const row = rows.get(name) ?? fresh(name);
      rows.set(name, row);
      row.injected += 1;
      if (recoverySeconds !== undefined) row.recovery.push(recoverySeconds);
      if (seen.has(name)) continue;
      seen.add(name);
      row.rounds += 1;
      row.orders += orders;
      row.lost += lost;
      row.doubled += doubled;
      row.stale += stale;
    }
  }
  return [...rows.values()].sort((a, b) => a.fault.localeCompare(b.fault, 'en'));
}

function fresh(fault: string): Row {
  return { fault, injected: 0, rounds: 0, orders: 0, lost: 0, doubled: 0, stale: 0, recovery: [] };
}

function cells({ fault, injected, rounds, orders, lost, doubled, stale, recovery }: Row): string[] {
  const sorted = [...recovery].sort((a, b) => a - b);
  const seconds = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(1));
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  return [
    fault,
    ...[injected, rounds, orders, lost, doubled, stale].map(String),
    seconds(median),
    seconds(sorted.at(-1)),
  ];
}

/** For a terminal. */
export function table(results: readonly RoundResult[]): string {
  const drawn = new Table({ head: HEAD, style: { head: [], border: [] } });
  for (const row of rowsOf(results)) drawn.push(cells(row));
  return drawn.toString();
}

const BEGIN = '<!-- made by npm run chaos: begin -->';
const END = '<!-- made by npm run chaos: end -->';

/** Puts the table of this run between the marks of a Markdown file. @throws Error where it has no such marks */
export function writeReport(file: string, results: readonly RoundResult[]): void {
  const text = readFileSync(file, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`${file} has no place for the table (${BEGIN} … ${END})`);
  writeFileSync(file, `${before}${BEGIN}\n\n${markdown(results)}\n\n${END}${after}`);
}

function markdown(results: readonly RoundResult[]): string {
  const line = (values: readonly string[]): string => `| ${values.join(' | ')} |`;
  const sum = (pick: (result: RoundResult) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  const seeds = results.map(({ seed }) => seed);
  const unsound = results.filter(({ problems }) => problems.length > 0);
  return [
    `${results.length} rounds in ${(sum(({ seconds }) => seconds) / 60).toFixed(0)} minutes, seeds ${Math.min(...seeds)} to ${Math.max(...seeds)}; ` +
      `${sum(({ orders }) => orders)} orders approved, ${sum(({ faults }) => faults.length)} faults, ${sum(({ answers }) => answers)} answers of the portal. ` +
      (unsound.length === 0
        ? 'Every promise held in every round.'
        : `Not sound: seeds ${unsound.map(({ seed }) => seed).join(', ')}.`),
    '',
    line(HEAD),
    line(HEAD.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...rowsOf(results).map((row) => line(cells(row))),
  ].join('\n');
}
