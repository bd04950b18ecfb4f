import { idOrUndefined } from './record-id';

/** The record ids of an event, judged. */
export interface EventRecordIds<T> {
  /** Widened, each once, in the order of the event. */
  ids: T[];
  /** Whether one stands for records that the event does not name. */
  wildcard: boolean;
  /** Why some were refused, where some were. Counts only: what a hostile id holds is nobody's business. */
  rejected: string | undefined;
}

/** `801*`, or a longer head: Salesforce merges many records of one transaction into such an id. */
const WILDCARD = /^[0-9A-Za-z]{0,18}\*$/;

export function recordIdsOf<T extends string>(
  event: { recordIds: readonly string[] },
  parse: (text: unknown) => T,
): EventRecordIds<T> {
  const ids = new Set<T>();
  let wildcard = false;
  let refused = 0;
  for (const text of event.recordIds) {
    const id = idOrUndefined(parse, text);
    if (id !== undefined) ids.add(id);
    else if (WILDCARD.test(text)) wildcard = true;
    else refused++;
  }
  return {
    ids: [...ids],
    wildcard,
    rejected: refused === 0 ? undefined : `${refused} of ${event.recordIds.length} record ids are not valid`,
  };
}
