import { Barriers, type BarrierPoint, type Reached } from './barriers';
import { LIST_SHAPES, type ListShape, type Print } from './answer';
import { faultSchema, type CallFault, type Fault } from './fault-kinds';
import type { LedgerCall } from './ledger';

/** A fault that was switched on. */
export interface ActiveFault {
  id: number;
  fault: Fault;
  /** Calls (or services) that it has hit. */
  hits: number;
  /** False once its count is used up. It is still listed, and still can be released. */
  active: boolean;
  /** Calls that wait for `release`: hanging ones, and late commits without a time. */
  waiting: number;
  /** Lets everything go that waits on this fault. */
  release: () => void;
  /** Switches it off; what waits on it is let go. */
  remove: () => void;
}

interface Entry {
  fault: Fault;
  seen: number;
  hits: number;
  waiting: Set<() => void>;
  handle: ActiveFault;
}

/** A call fault that was chosen for one call. `released` resolves on release, or when the emulator closes. */
export interface Hit {
  fault: CallFault;
  released: () => Promise<void>;
}

/** All switches of the emulator for what goes wrong, and the points where a test can stop a call. */
export class Faults {
  /** How lists are printed from now on. */
  listShape: ListShape = 'documented';
  /** Whether numbers are printed as strings. */
  numbers: 'strings' | 'numbers' = 'strings';
  readonly barriers = new Barriers();
  private readonly entries = new Map<number, Entry>();
  private nextId = 1;
  private turn = 0;

  /**
   * Switches a fault on.
   * @throws ZodError if the fault is malformed
   */
  add(input: Fault): ActiveFault {
    const fault = faultSchema.parse(input);
    const id = this.nextId++;
    const entry: Entry = { fault, seen: 0, hits: 0, waiting: new Set(), handle: undefined as never };
    entry.handle = {
      id,
      fault,
      get hits() {
        return entry.hits;
      },
      get active() {
        return hasLeft(entry);
      },
      get waiting() {
        return entry.waiting.size;
      },
      release: () => releaseAll(entry),
      remove: () => {
        this.entries.delete(id);
        releaseAll(entry);
      },
    };
    this.entries.set(id, entry);
    return entry.handle;
  }

  list(): ActiveFault[] {
    return [...this.entries.values()].map((entry) => entry.handle);
  }

  get(id: number): ActiveFault | undefined {
    return this.entries.get(id)?.handle;
  }

  /** Removes all faults, lets everything go that waits, and goes back to documented shapes. */
  clear(): void {
    for (const fault of this.list()) fault.remove();
    this.barriers.clear();
    this.listShape = 'documented';
    this.numbers = 'strings';
  }

  /**
   * A promise of the n-th call of an action from now on that reaches a point. With `hold` the call stays there until
   * `release()` or `drop()` of the result.
   * @param n 1 is the next one
   */
  whenReached(action: string, n: number, point: BarrierPoint, options: { hold?: boolean } = {}): Promise<Reached> {
    return this.barriers.whenReached(action, n, point, options.hold ?? false);
  }

  /** Chooses what hits a call: every matching latency, and the first other match. Uses up their counts. */
  choose(call: LedgerCall): Hit[] {
    const hits: Hit[] = [];
    let other = false;
    for (const entry of this.entries.values()) {
      const { fault } = entry;
      if (fault.kind === 'moduleCreateFailure' || !hasLeft(entry)) continue;
      if (fault.action !== undefined && !new RegExp(fault.action, 'i').test(call.action)) continue;
      if (other && fault.kind !== 'latency') continue;
      entry.seen += 1;
      if (entry.seen <= (fault.skip ?? 0)) continue;
      entry.hits += 1;
      other ||= fault.kind !== 'latency';
      call.faults.push(fault.kind);
      hits.push({ fault, released: () => new Promise((resolve) => entry.waiting.add(resolve)) });
    }
    return hits;
  }

  /** The module's error for a service of a product, or null if it works. */
  moduleFailure(pid: number): string | null {
    for (const entry of this.entries.values()) {
      const { fault } = entry;
      if (fault.kind !== 'moduleCreateFailure' || !hasLeft(entry)) continue;
      if (fault.pid !== undefined && fault.pid !== pid) continue;
      entry.hits += 1;
      return fault.message ?? 'Could not connect to the server: connection timed out';
    }
    return null;
  }

  /** How the next answer is printed. */
  print(): Print {
    const shapes = LIST_SHAPES.filter((shape) => shape !== 'mixed');
    return {
      numbers: this.numbers,
      listShape: () =>
        this.listShape === 'mixed' ? (shapes[this.turn++ % shapes.length] ?? 'documented') : this.listShape,
    };
  }
}

function hasLeft(entry: Entry): boolean {
  const count = entry.fault.count;
  return count === undefined || entry.hits < count;
}

function releaseAll(entry: Entry): void {
  for (const resolve of entry.waiting) resolve();
  entry.waiting.clear();
}
