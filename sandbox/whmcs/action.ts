import type { Service } from './entities';
import type { Params } from './params';
import type { Store } from './store';

/** What an action works with. */
export interface ActionContext {
  store: Store;
  params: Params;
  /** Runs the provisioning module's create for a service. Returns the module's error, or null if it worked. */
  moduleCreate: (service: Service) => string | null;
  /** Whether the order's status was looked at when the call came, and is not looked at again. */
  checked: boolean;
  /** Called by AddOrder with the number of services made so far, 0 once the order is there; may throw Interrupted. */
  afterService: (made: number) => void;
}

/** The fields of an answer besides `result: "success"`. */
export type Answer = Record<string, unknown>;

/** One API action. Runs to its end without waiting, so no other request comes in between. */
export type Action = (context: ActionContext) => Answer;

/** A failure that WHMCS reports with HTTP 200 and `result: "error"`. The message is WHMCS's own wording. */
export class BusinessError extends Error {
  override name = 'BusinessError';
}

/** PHP died in the middle of an action: what was written stays written. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** A list in an answer; how it is printed depends on `faults.listShape`. */
export class PhpList {
  constructor(
    readonly itemName: string,
    readonly items: readonly unknown[],
  ) {}
}

/** One page of a list, by `limitstart` and `limitnum` (default 25, as all list actions have it). */
export function page<T>(
  params: Params,
  all: readonly T[],
): { totalresults: number; startnumber: number; numreturned: number; items: T[] } {
  const start = Math.max(0, params.int('limitstart'));
  const wanted = params.int('limitnum');
  const items = all.slice(start, start + (wanted > 0 ? wanted : 25));
  return { totalresults: all.length, startnumber: start, numreturned: items.length, items };
}
