import Table from 'cli-table3';
import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
export type Paint = (style: Style, text: string) => string;

/** What is written to: a stream, and whether a person looks at it. */
export interface Sink {
  isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/**
 * Colours, for a terminal only. NO_COLOR (any value but empty, no-color.org) and `TERM=dumb` turn them off; nothing turns them on
 * where no terminal is.
 */
export function painter(sink: Sink, environment: Readonly<Record<string, string | undefined>>): Paint {
  const plain = sink.isTTY !== true || (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return plain ? (_style, text) => text : (style, text) => styleText(style, text, { validateStream: false });
}

/** Text without control characters: what other systems say must not drive the terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Rows under a head, in columns two spaces apart. Cells may hold colours of ours; the table adds none. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string {
  const grid = new Table({
    head: head.map((title) => paint('bold', title)),
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  grid.push(...rows.map((row) => [...row]));
  return trimLines(grid.toString());
}

/** Names and what they hold, one a line. */
export function facts(rows: readonly (readonly [string, string])[], paint: Paint): string {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${paint('dim', name.padEnd(width))}  ${value}`.trimEnd()).join('\n');
}

function trimLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** `2026-11-23 14:02:11Z`: sorts, and says its zone. */
export function instant(date: Date | string | number): string {
  return new Date(date)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

/** `4 s`, `12 min`, `3 h`, `2 d`: how long `ms` is, roughly. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
