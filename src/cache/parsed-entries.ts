import { parseEntry, type Entry } from './entry';

/** Characters of entries that are remembered, for each kind of query: the largest catalog fits. */
const REMEMBERED_CHARS = 10 * 1024 * 1024;

/**
 * What entries read as, so that bytes which came before are not parsed again: to parse is the dearest part of a hit.
 * Redis is asked at every read, and only the very same bytes give the same entry, so nothing old can come of it.
 */
export class ParsedEntries {
  /** By group, the longest there first. */
  readonly #known = new Map<string, { text: string; entry: Entry }>();
  #chars = 0;

  constructor(private readonly limit = REMEMBERED_CHARS) {}

  /** Undefined for bytes that are no entry. */
  parse(group: string, text: string): Entry | undefined {
    const known = this.#known.get(group);
    if (known?.text === text) return known.entry;
    if (known !== undefined) this.#forget(group, known.text);
    const entry = parseEntry(text);
    if (entry !== undefined && text.length <= this.limit) this.#remember(group, text, entry);
    return entry;
  }

  #remember(group: string, text: string, entry: Entry): void {
    this.#known.set(group, { text, entry });
    this.#chars += text.length;
    for (const [oldest, { text: its }] of this.#known) {
      if (this.#chars <= this.limit) return;
      this.#forget(oldest, its);
    }
  }

  #forget(group: string, text: string): void {
    this.#known.delete(group);
    this.#chars -= text.length;
  }
}
