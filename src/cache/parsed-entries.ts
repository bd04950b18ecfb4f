import { entryOf, parseEntry, type Entry } from './entry';

/** Characters of entries that are remembered, for each kind of query: the largest catalog fits. */
const REMEMBERED_CHARS = 10 * 1024 * 1024;

interface Known {
  /** What was there: compared first, since it is all that is there but for another version's lines. */
  lines: string;
  text: string;
  entry: Entry;
}

/**
 * What the entries of a field read as, so that bytes which came before are not parsed again: to parse is the dearest part of a hit.
 * Redis is asked at every read, and only the very same bytes give the same entry, so nothing old can come of it.
 */
export class ParsedEntries {
  /** By key, the longest there first. */
  readonly #known = new Map<string, Known>();
  #chars = 0;

  constructor(private readonly limit = REMEMBERED_CHARS) {}

  /** The entry of `field` in the lines at `key`. Undefined where there is none, or its bytes are no entry. */
  parse(key: string, field: string, lines: string): Entry | undefined {
    const known = this.#known.get(key);
    if (known?.lines === lines) return known.entry;
    const text = entryOf(lines, field);
    if (text === undefined) return undefined;
    if (known?.text === text) {
      known.lines = lines;
      return known.entry;
    }
    if (known !== undefined) this.#forget(key, known.text);
    const entry = parseEntry(text);
    if (entry !== undefined && text.length <= this.limit) this.#remember(key, { lines, text, entry });
    return entry;
  }

  #remember(key: string, known: Known): void {
    this.#known.set(key, known);
    this.#chars += known.text.length;
    for (const [oldest, { text: its }] of this.#known) {
      if (this.#chars <= this.limit) return;
      this.#forget(oldest, its);
    }
  }

  #forget(key: string, text: string): void {
    this.#known.delete(key);
    this.#chars -= text.length;
  }
}
