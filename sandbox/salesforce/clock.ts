/**
 * The emulator's clock. Every time the emulator writes or compares (audit fields, commit timestamps, retention of
 * events, expiry of sessions) comes from here, so that a test can move four days in a moment. Timers that only
 * pace the wire (keepalives, idle limits) run on real time, since the client at the other end does.
 */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

/** A clock that follows real time plus an offset that can be moved, or that stands still. */
export class MovableClock implements Clock {
  #offset = 0;
  #frozenAt: number | undefined;

  now(): number {
    return this.#frozenAt ?? Date.now() + this.#offset;
  }

  /** Moves the clock by `ms`; negative values are refused, since a server's time does not run backwards. */
  advance(ms: number): void {
    if (ms < 0) throw new RangeError(`The clock cannot go back (${ms} ms)`);
    if (this.#frozenAt !== undefined) this.#frozenAt += ms;
    else this.#offset += ms;
  }

  /** Stops the clock, at `at` when given (epoch ms). It then moves only by {@link advance}. */
  freeze(at: number = this.now()): void {
    this.#frozenAt = at;
  }

  /** Lets a frozen clock run again from where it stands. */
  resume(): void {
    if (this.#frozenAt === undefined) return;
    this.#offset = this.#frozenAt - Date.now();
    this.#frozenAt = undefined;
  }
}

/** A datetime as the REST API prints it, e.g. `2026-11-23T22:41:38.000+0000` (REST API Developer Guide, "Valid Date and DateTime Formats"). */
export function toSalesforceDateTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '+0000');
}

/** Epoch ms of a Salesforce datetime or date; NaN when it is neither. */
export function fromSalesforceDateTime(text: string): number {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(text)) return NaN;
  return Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
}
