import { z } from 'zod';

/**
 * Every fault that can be switched on. "Commit" means that the action has changed the store.
 * The schema is also the contract of `POST /control/faults`.
 */

const selection = {
  /** Regular expression on the action's name, without regard to case; all actions if left out. */
  action: z.string().refine(isPattern, 'is not a valid regular expression').optional(),
  /** How many calls it hits; until it is removed if left out. */
  count: z.int().positive().optional(),
  /** How many matching calls pass unharmed first. */
  skip: z.int().nonnegative().optional(),
};

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

const millis = z.int().nonnegative().max(3_600_000);

export const faultSchema = z.discriminatedUnion('kind', [
  // The call is lost.
  z.strictObject({ kind: z.literal('commitThenLose'), ...selection }),
  z.strictObject({ kind: z.literal('commitThenHtml'), ...selection }),
  z.strictObject({ kind: z.literal('commitThen5xx'), status: z.int().min(500).max(599).optional(), ...selection }),
  /**
   * Drops the connection at once and commits after `afterMs`, or when released if left out. `checked`: the order's status was
   * looked at before that, and only a slow module is waited for: what became of the order meanwhile is overwritten.
   */
  z.strictObject({
    kind: z.literal('commitLate'),
    afterMs: millis.optional(),
    checked: z.boolean().optional(),
    ...selection,
  }),
  z.strictObject({ kind: z.literal('loseBeforeCommit'), ...selection }),
  /** Makes the first `services` services of an AddOrder, then drops the connection. No invoice. */
  z.strictObject({ kind: z.literal('partialAdd'), services: z.int().nonnegative(), ...selection }),
  /** Keeps the connection open until released (then goes on as usual) or the client leaves. `commit`: commits before it hangs. */
  z.strictObject({ kind: z.literal('hang'), commit: z.boolean().optional(), ...selection }),
  z.strictObject({ kind: z.literal('latency'), ms: millis, ...selection }),
  // The call is refused, nothing is committed.
  z.strictObject({ kind: z.literal('html200'), ...selection }),
  z.strictObject({ kind: z.literal('html500'), ...selection }),
  z.strictObject({ kind: z.literal('503'), retryAfterSeconds: z.int().positive().optional(), ...selection }),
  z.strictObject({ kind: z.literal('429'), retryAfterSeconds: z.int().positive().optional(), ...selection }),
  z.strictObject({ kind: z.literal('403ip'), ip: z.string().optional(), ...selection }),
  z.strictObject({ kind: z.literal('403auth'), ...selection }),
  z.strictObject({ kind: z.literal('403permission'), ...selection }),
  z.strictObject({ kind: z.literal('businessError'), message: z.string().min(1), ...selection }),
  // The call is committed and answered, the answer is spoilt.
  z.strictObject({ kind: z.literal('truncatedJson'), ...selection }),
  z.strictObject({ kind: z.literal('wrongContentType'), ...selection }),
  z.strictObject({ kind: z.literal('phpWarning'), ...selection }),
  z.strictObject({ kind: z.literal('hugeBody'), bytes: z.int().positive().max(64_000_000).optional(), ...selection }),
  /** The provisioning module's create fails, for one product or for all. `count` counts services. */
  z.strictObject({
    kind: z.literal('moduleCreateFailure'),
    pid: z.int().positive().optional(),
    message: z.string().min(1).optional(),
    count: z.int().positive().optional(),
  }),
]);

/** The names of all faults. */
export const FAULT_KINDS = faultSchema.options.map((option) => option.shape.kind.value);

export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault['kind'];
/** A fault that hits a call, in contrast to one that hits a module. */
export type CallFault = Exclude<Fault, { kind: 'moduleCreateFailure' }>;
