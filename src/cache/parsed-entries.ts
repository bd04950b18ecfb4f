import { entryOf, parseEntry, type Entry } from './entry';

/** Characters of entries that are remembered, for each kind of query: the largest catalog fits. */
const REMEMBERED_CHARS = 10 * 1024 * 1024;

/**
 * What the entries of a field read as, so that bytes which came before are not parsed again: to parse is the dearest part of a hit.
 * Redis is asked at every read, and only the very same bytes give the same entry, so nothing old can come of it.
 */
export class ParsedEntries {
  /** By group, the longest there first. */
  readonly #known = new Map<string, { text: string; entry: Entry }>();
  #chars = 0;

  constructor(private readonly limit = REMEMBERED_CHARS) {}

  /** The entry of `field` in the lines of the group. Undefined where there is none, or its bytes are no entry. */
  parse(group: string, field: string, text: string): Entry | undefined {
    const known = this.#known.get(group);
    if (known?.text === text) return known.entry;
    if (known !== undefined) this.#forget(group, known.text);
    const bytes = entryOf(text, field);
    const entry = bytes === undefined ? undefined : parseEntry(bytes);
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
