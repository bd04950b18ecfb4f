import Table from 'cli-table3';
import type { Spread } from './spread';

/** Figures in rows, as they are shown to a person: in a terminal, or in the documentation. Cells may have Markdown's bold. */
export interface Figures {
  head: string[];
  rows: (string | number)[][];
}

/** As a table of a terminal. */
export function forTerminal({ head, rows }: Figures): string {
  const made = new Table({ head, style: { head: [], border: [] } });
  made.push(...rows.map((row) => row.map((cell) => String(cell).replaceAll('**', ''))));
  return made.toString();
}

/** As a table of Markdown. */
export function asMarkdown({ head, rows }: Figures): string {
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Minimum, median and maximum as cells. */
export function cellsOf({ min, median, max }: Spread, digits = 2): string[] {
  return [min, median, max].map((value) => value.toFixed(digits));
}

/** A goal and what became of it, as a cell; empty where nothing is aimed at. */
export function judged(goal: number | undefined, median: number): string {
  if (goal === undefined) return '';
  return `${goal} ${median >= goal ? 'met' : '**not met**'}`;
}
