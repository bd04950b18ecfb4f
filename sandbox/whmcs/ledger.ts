/** Everything that was received and everything that changed, in one order. Credentials and passwords are never in it. */

export interface LedgerCall {
  kind: 'call';
  seq: number;
  at: string;
  action: string;
  /** Parameters as PHP parsed them, without secrets. */
  params: Record<string, unknown>;
  /** Decoded `customfields` by their key in the request: field id -> value. */
  customFields: Record<string, Record<string, string>>;
  /** True if a credential was sent in the URL, where proxies and access logs keep it. */
  credentialInUrl: boolean;
  /** True once the call has changed the store. */
  committed: boolean;
  /** True if it changed the store after its answer was already lost. */
  committedLate: boolean;
  /** `open`: not answered yet. `lost`: the connection was cut without an answer. */
  outcome: 'open' | 'answered' | 'lost';
  /** HTTP status; null while open or lost. */
  status: number | null;
  result: 'success' | 'error' | null;
  message: string | null;
  /** The faults that were applied. */
  faults: string[];
}

export interface LedgerChange {
  kind: 'change';
  seq: number;
  at: string;
  /** `seq` of the call that caused it; null for a change by the control API, a seed or a test. */
  call: number | null;
  entity: 'client' | 'product' | 'order' | 'service' | 'invoice';
  id: number;
  from: string | null;
  to: string | null;
}

export type LedgerEntry = LedgerCall | LedgerChange;

export class Ledger {
  private list: LedgerEntry[] = [];
  private seq = 0;
  /** Changes ever recorded, cleared ones included. */
  changeCount = 0;

  constructor(private readonly now: () => Date) {}

  begin(call: Pick<LedgerCall, 'action' | 'params' | 'customFields' | 'credentialInUrl'>): LedgerCall {
    const entry: LedgerCall = {
      kind: 'call',
      seq: (this.seq += 1),
      at: this.now().toISOString(),
      ...call,
      committed: false,
      committedLate: false,
      outcome: 'open',
      status: null,
      result: null,
      message: null,
      faults: [],
    };
    this.list.push(entry);
    return entry;
  }

  change(change: Pick<LedgerChange, 'call' | 'entity' | 'id' | 'from' | 'to'>): void {
    this.changeCount += 1;
    this.list.push({ kind: 'change', seq: (this.seq += 1), at: this.now().toISOString(), ...change });
  }

  entries(): readonly LedgerEntry[] {
    return this.list;
  }

  /** Calls in the order of arrival, of one action if named (in any case). */
  calls(action?: string): LedgerCall[] {
    const wanted = action?.toLowerCase();
    return this.list.filter(
      (entry): entry is LedgerCall =>
        entry.kind === 'call' && (wanted === undefined || entry.action.toLowerCase() === wanted),
    );
  }

  changes(entity?: LedgerChange['entity']): LedgerChange[] {
    return this.list.filter(
      (entry): entry is LedgerChange => entry.kind === 'change' && (entity === undefined || entry.entity === entity),
    );
  }

  /** Forgets the past. Calls under way still finish; they are not listed again. */
  clear(): void {
    this.list = [];
  }
}
