import { z } from 'zod';
import { RestError } from './errors';
import { Holds } from './holds';

/**
 * Faults of the REST side, each for the next `count` requests or records that match, or until it is cleared.
 *
 * Two sorts. A request fault decides what becomes of a whole HTTP request. A save fault refuses one record when it is
 * saved, wherever that happens (single, collection, composite), so that the answer has the shape of that place.
 */
function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

const often = {
  /** How many it strikes; until cleared if left out. */
  count: z.int().positive().optional(),
  /** How many that match pass unharmed first. */
  skip: z.int().nonnegative().optional(),
};

const match = {
  ...often,
  method: z.enum(['GET', 'POST', 'PATCH', 'PUT', 'DELETE']).optional(),
  /** A regular expression on path and query, without the host. */
  path: z.string().refine(isPattern, 'is not a valid regular expression').optional(),
  /** API name of an object that the request reads or writes. */
  object: z.string().optional(),
  /** A regular expression on the JSON body: tells writes apart that go the same way. */
  body: z.string().refine(isPattern, 'is not a valid regular expression').optional(),
};

const requestFault = [
  /** Any error answer. */
  z.strictObject({
    kind: z.literal('error'),
    status: z.int().min(400).max(599),
    errorCode: z.string(),
    message: z.string(),
    ...match,
  }),
  /** 503, as JSON or as the HTML page that Salesforce shows while an instance is moved. */
  z.strictObject({ kind: z.literal('unavailable'), format: z.enum(['json', 'html']).default('json'), ...match }),
  z.strictObject({ kind: z.literal('requestLimitExceeded'), ...match }),
  z.strictObject({ kind: z.literal('unknownException'), ...match }),
  z.strictObject({ kind: z.literal('invalidSession'), ...match }),
  z.strictObject({ kind: z.literal('latency'), ms: z.int().positive().max(600_000), ...match }),
  /** Never answered, never carried out. */
  z.strictObject({ kind: z.literal('hang'), ...match }),
  /** The connection is cut before anything is done. */
  z.strictObject({ kind: z.literal('loseBeforeCommit'), ...match }),
  /** Carried out and committed; then the connection is cut, so that the client cannot know. */
  z.strictObject({ kind: z.literal('commitThenLose'), ...match }),
] as const;

const saveMatch = {
  ...often,
  object: match.object,
  /** 18-character id; a fault without it takes any record, new ones too. */
  recordId: z.string().optional(),
};

const saveFault = [
  /** Another transaction holds the record. */
  z.strictObject({ kind: z.literal('rowLock'), ...saveMatch }),
  /** A validation rule of the org refuses the record. */
  z.strictObject({
    kind: z.literal('validation'),
    message: z.string().default('The record was refused by a validation rule.'),
    fields: z.array(z.string()).readonly().default([]),
    ...saveMatch,
  }),
  z.strictObject({ kind: z.literal('insufficientAccess'), ...saveMatch }),
] as const;

const saveFaultSchema = z.discriminatedUnion('kind', saveFault);

/** What {@link RestFaults.add} takes, checked. */
export const restFaultSchema = z.discriminatedUnion('kind', [...requestFault, ...saveFault]);

export type RestFaultInput = z.input<typeof restFaultSchema>;
export type RequestFault = z.output<(typeof requestFault)[number]>;
type SaveFault = z.output<typeof saveFaultSchema>;
export type RestFault = RequestFault | SaveFault;

/** A fault that waits, and how often it has struck. */
export interface ActiveFault {
  id: number;
  fault: RestFault;
  /** How many it may still strike; undefined: until cleared. */
  left: number | undefined;
  /** How many that match it lets pass first. */
  passing: number;
  struck: number;
}

/** A request as faults look at it. */
export interface FaultTarget {
  method: string;
  /** Path and query, decoded. */
  path: string;
  /** Objects named in path, SOQL or body. */
  objects: readonly string[];
  /** As JSON without spaces; empty where there is none. */
  body: string;
}

const isSaveFault = (fault: RestFault): fault is SaveFault => saveFaultSchema.safeParse(fault).success;
const equal = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** The faults of one org, in the order in which they were added; of several that match, the first strikes. */
export class RestFaults {
  #faults: ActiveFault[] = [];
  #nextId = 1;
  /** Requests that wait until they are let go. */
  readonly holds = new Holds();

  /** @throws ZodError for a fault that is not one. */
  add(input: RestFaultInput): ActiveFault {
    const fault = restFaultSchema.parse(input);
    const active = { id: this.#nextId++, fault, left: fault.count, passing: fault.skip ?? 0, struck: 0 };
    this.#faults.push(active);
    return active;
  }

  /** Takes away one fault, or all, and all that is held. */
  clear(id?: number): void {
    if (id === undefined) this.holds.clear();
    this.#faults = id === undefined ? [] : this.#faults.filter((active) => active.id !== id);
  }

  /** Faults that may still strike. */
  get active(): readonly ActiveFault[] {
    return this.#faults;
  }

  /** The fault that strikes this request, if any; it counts as one time. */
  strikeRequest(target: FaultTarget): RequestFault | undefined {
    return this.#strike((fault): fault is RequestFault => {
      if (isSaveFault(fault)) return false;
      const { method, path, object, body } = fault;
      return (
        (method === undefined || method === target.method) &&
        (path === undefined || new RegExp(path).test(target.path)) &&
        (object === undefined || target.objects.some((name) => equal(name, object))) &&
        (body === undefined || new RegExp(body).test(target.body))
      );
    });
  }

  /** Refuses a record that is about to be saved. @throws RestError as Salesforce would. */
  checkSave(object: string, id: string | undefined): void {
    const fault = this.#strike(
      (candidate): candidate is SaveFault =>
        isSaveFault(candidate) &&
        (candidate.object === undefined || equal(candidate.object, object)) &&
        (candidate.recordId === undefined || candidate.recordId.slice(0, 15) === id?.slice(0, 15)),
    );
    if (fault !== undefined) throw saveError(fault);
  }

  #strike<T extends RestFault>(matches: (fault: RestFault) => fault is T): T | undefined {
    for (const active of this.#faults) {
      const { fault } = active;
      if (!matches(fault)) continue;
      if (active.passing > 0) {
        active.passing--;
        continue;
      }
      active.struck++;
      if (active.left !== undefined && --active.left === 0) this.clear(active.id);
      return fault;
    }
    return undefined;
  }
}

function saveError(fault: SaveFault): RestError {
  switch (fault.kind) {
    case 'rowLock':
      return new RestError(400, 'UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access to this record', []);
    case 'validation':
      return new RestError(400, 'FIELD_CUSTOM_VALIDATION_EXCEPTION', fault.message, fault.fields);
    case 'insufficientAccess':
      return new RestError(403, 'INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id', []);
  }
}
