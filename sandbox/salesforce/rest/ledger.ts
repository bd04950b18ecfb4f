/** One request as the server received it. No token, no secret, no field values: only what tells requests apart. */
export interface LedgerEntry {
  /** Epoch ms by the emulator's clock. */
  at: number;
  method: string;
  /** Without the query string. */
  path: string;
  /** The statement of a query. */
  soql?: string;
  /** `client=` of Sforce-Call-Options. */
  client?: string;
  /** Undefined while unanswered, and for a request whose connection was cut. */
  status?: number;
  /** The kind of the fault that struck it. */
  fault?: string;
}

/** Every request to the REST, OAuth and SOAP endpoints (not the control API), the oldest dropped beyond `capacity`. */
export class RequestLedger {
  #entries: LedgerEntry[] = [];
  #total = 0;

  constructor(private readonly capacity = 20_000) {}

  record(entry: LedgerEntry): void {
    this.#total++;
    this.#entries.push(entry);
    if (this.#entries.length > this.capacity) this.#entries.shift();
  }

  get entries(): readonly LedgerEntry[] {
    return this.#entries;
  }

  /** Requests since the start or the last {@link clear}. */
  get total(): number {
    return this.#total;
  }

  /** Number of requests whose method and path match. */
  count(method: string, path: RegExp): number {
    return this.#entries.filter((entry) => entry.method === method && path.test(entry.path)).length;
  }

  clear(): void {
    this.#entries = [];
    this.#total = 0;
  }
}
