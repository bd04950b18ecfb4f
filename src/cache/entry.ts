import { frozen } from './frozen';

/** What is cached of a query, as the scripts write it. See scripts.ts for the grammar. */
export interface Entry {
  kind: 'value' | 'not-found' | 'failure' | 'oversized';
  /** ms by Redis's clock. */
  freshUntil: number;
  staleUntil: number;
  /** When the lease was given, so no later than the source was read. */
  readAt: number;
  /** The generation under which it may be served. */
  stamp: string;
  /** Of a value its view, of a failure its code and message. Frozen. */
  payload: unknown;
}

export const KIND_LETTER = { value: 'V', 'not-found': 'N', failure: 'E', oversized: 'O' } as const;
const KIND_OF: Partial<Record<string, Entry['kind']>> = { V: 'value', N: 'not-found', E: 'failure', O: 'oversized' };

const SHAPE = /^([A-Z]) (\d+) (\d+) (\d+) (\S+) /;

/** The entry of a field among the lines of a group, not parsed. Undefined where there is none. */
export function entryOf(lines: string, field: string): string | undefined {
  const name = `${field} `;
  let from = name.length;
  if (!lines.startsWith(name)) {
    const before = lines.indexOf(`\n${name}`);
    if (before === -1) return undefined;
    from = before + 1 + name.length;
  }
  const stop = lines.indexOf('\n', from);
  return lines.slice(from, stop === -1 ? undefined : stop);
}

/** Undefined for bytes that are no entry: a miss. */
export function parseEntry(text: string): Entry | undefined {
  const match = SHAPE.exec(text);
  const kind = KIND_OF[match?.[1] ?? ''];
  if (match === null || kind === undefined) return undefined;
  const [header, , freshUntil, staleUntil, readAt, stamp] = match as unknown as string[];
  const payload = parseJson(text.slice(header?.length));
  if (payload === undefined) return undefined;
  return {
    kind,
    freshUntil: Number(freshUntil),
    staleUntil: Number(staleUntil),
    readAt: Number(readAt),
    stamp: stamp ?? '',
    payload,
  };
}

function parseJson(text: string): unknown {
  try {
    return frozen(JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
