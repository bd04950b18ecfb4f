import { z } from 'zod';
import { MODES } from './topics';

/**
 * A plan: what is done to the world and when, in full, before anything starts. It is printed with its seed, and can be given
 * back with `--plan FILE`. Nothing in it is a time: workload and faults wait for each other and for what the world does.
 */

export const WORKERS = ['worker-1', 'worker-2'] as const;
export const LISTENERS = ['listener-1', 'listener-2'] as const;
export const PROCESSES = [...WORKERS, ...LISTENERS, 'portal'] as const;
export type ProcessSlot = (typeof PROCESSES)[number];

/** The links between the product and its servers; each has a proxy of its own. */
export const LINKS = [
  ...['temporal-listener', 'temporal-worker', 'redis-listener', 'redis-worker', 'redis-portal'],
  ...['salesforce', 'salesforce-portal', 'pubsub', 'whmcs'],
] as const;
export type LinkName = (typeof LINKS)[number];

/** Calls to WHMCS that most orders need none of. */
export const RARE_CALLS = [
  ...(['CancelOrder', 'ModuleCreate', 'UpdateClientProduct'] as const),
  ...(['GetOrders', 'GetProducts', 'GetClientsDetails'] as const),
] as const;
export type RareCall = (typeof RARE_CALLS)[number];

const count = z.int().positive();
const who = z.enum([...PROCESSES, 'workers', 'listeners', 'leader', 'everyone']);
export type Who = z.infer<typeof who>;

/** What must have happened before a fault strikes. */
export const barrierSchema = z.discriminatedUnion('at', [
  /** The n-th approval is written. */
  z.strictObject({ at: z.literal('approved'), n: count }),
  /** The n-th order is Activated in Salesforce. */
  z.strictObject({ at: z.literal('activated'), n: count }),
  /** The n-th WHMCS call of this action is just before, or just after, its commit: it stands still until the fault has struck. */
  z.strictObject({
    at: z.literal('call'),
    action: z.enum(['AddOrder', 'AcceptOrder', 'GetClientsProducts']),
    point: z.enum(['before-commit', 'after-commit']),
    n: count,
  }),
  /** The run of the n-th approved order is there in Temporal. */
  z.strictObject({ at: z.literal('started'), n: count }),
]);
export type Barrier = z.infer<typeof barrierSchema>;

/** A fault ends when so many more orders have been approved since it struck; 0: at once. */
const healAfter = z.int().nonnegative();

const whmcsFault = z.enum([
  ...['commitThenLose', 'commitThenHtml', 'commitThen5xx', 'truncatedJson', 'hangCommitted', 'commitLate'],
  ...['loseBeforeCommit', 'partialAdd', 'html200', '503', '429', '403ip', 'latency'],
  /** Of a service's module, in an AcceptOrder: the order is Active after that, and the service is not. */
  'moduleCreateFailure',
] as const);
/** Of a worker's calls. */
const salesforceFault = z.enum([
  ...['rowLock', 'unavailable', 'html', 'requestLimitExceeded', 'invalidSession', 'latency'],
  ...['claimCommittedThenLost', 'writeBackCommittedThenLost', 'failureCommittedThenLost'],
] as const);

/** Of a portal's reads. */
const portalFault = z.enum(['unavailable', 'html', 'requestLimitExceeded', 'invalidSession', 'latency', 'hang']);

export const faultSchema = z.discriminatedUnion('kind', [
  // Processes.
  z.strictObject({ kind: z.literal('kill'), who }),
  z.strictObject({ kind: z.literal('freeze'), who }),
  z.strictObject({ kind: z.literal('restart'), who }),
  /** The leading listener, until another has taken over and orders have been approved since: longer than its lease and its sockets last. */
  z.strictObject({ kind: z.literal('freeze-past-its-lease') }),
  /** The leading listener, with an event in hand: before its run is started, or after, and before the checkpoint. */
  z.strictObject({ kind: z.literal('kill-listener'), when: z.enum(['before-start', 'before-checkpoint']) }),
  /** The workers, in a call to Salesforce: before it is carried out, or after, before its answer. */
  z.strictObject({
    kind: z.literal('kill-workers-in-salesforce'),
    call: z.enum(['read', 'claim', 'write-back', 'mark-failed']),
    point: z.enum(['before-commit', 'after-commit']),
  }),
  /** The workers, in a call to WHMCS that the usual path has not, or has once in a worker's life: it is brought about, and awaited. */
  z.strictObject({
    kind: z.literal('kill-workers-in-rare-call'),
    call: z.enum(RARE_CALLS),
    point: z.enum(['before-commit', 'after-commit']),
  }),
  /** A new release of the workers, as Temporal's worker versioning has it, and everybody else restarted. */
  z.strictObject({ kind: z.literal('deployment') }),
  z.strictObject({ kind: z.literal('clock-step'), who, hours: z.int() }),
  z.strictObject({ kind: z.literal('zombie-worker'), commits: z.enum(['before-the-next-add', 'after-all-is-done']) }),
  z.strictObject({ kind: z.literal('all-stopped'), healIn: z.array(z.enum([...PROCESSES, 'temporal', 'redis'])) }),
  // Links.
  z.strictObject({ kind: z.literal('cut'), link: z.enum(LINKS) }),
  z.strictObject({ kind: z.literal('stall'), link: z.enum(LINKS) }),
  z.strictObject({ kind: z.literal('slow'), link: z.enum(LINKS), ms: count }),
  // Servers.
  /** `times` in a row, each as soon as it is there again. */
  z.strictObject({ kind: z.literal('temporal-killed'), times: count.default(1) }),
  z.strictObject({ kind: z.literal('temporal-frozen') }),
  z.strictObject({ kind: z.literal('temporal-lost') }),
  z.strictObject({ kind: z.literal('redis-killed') }),
  z.strictObject({ kind: z.literal('redis-frozen') }),
  z.strictObject({ kind: z.literal('redis-emptied') }),
  z.strictObject({ kind: z.literal('redis-read-only') }),
  // Streams and events.
  z.strictObject({ kind: z.literal('streams-cut') }),
  z.strictObject({ kind: z.literal('streams-half-open') }),
  z.strictObject({ kind: z.literal('streams-silent') }),
  z.strictObject({ kind: z.literal('events-repeated'), count }),
  z.strictObject({ kind: z.literal('events-disordered'), count }),
  z.strictObject({ kind: z.literal('events-delayed'), ms: count }),
  z.strictObject({ kind: z.literal('gap-events'), count }),
  z.strictObject({ kind: z.literal('overflow'), count }),
  z.strictObject({ kind: z.literal('replay-id-expired') }),
  z.strictObject({ kind: z.literal('sessions-expired') }),
  // Answers of the vendors, each `count` times.
  z.strictObject({ kind: z.literal('salesforce'), fault: salesforceFault, count }),
  z.strictObject({ kind: z.literal('salesforce-portal'), fault: portalFault, count }),
  z.strictObject({ kind: z.literal('whmcs'), fault: whmcsFault, action: z.string(), count }),
]);
export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault['kind'];

const plannedSchema = z.strictObject({ when: barrierSchema, healAfter, fault: faultSchema });
export type PlannedFault = z.infer<typeof plannedSchema>;

/**
 * What becomes of an order: approved as it is; created Approved; approved though its product is not linked to WHMCS (a person
 * must act); left a draft; cancelled instead.
 */
export const ROLES = ['approved', 'created-approved', 'unlinked', 'draft', 'cancelled'] as const;
export const EDITS = ['none', 'item', 'price', 'product'] as const;
const plannedOrder = z.strictObject({
  role: z.enum(ROLES),
  account: z.int().nonnegative(),
  /** Product codes of the seeded catalog. */
  items: z.array(z.string()).min(1),
  /** What somebody changes just before the order is decided: one of its items, the price or the name of a product that it has. */
  edit: z.enum(EDITS).default('none'),
});
export type PlannedOrder = z.infer<typeof plannedOrder>;

export const planSchema = z.strictObject({
  seed: z.int(),
  orders: z.array(plannedOrder).min(1),
  faults: z.array(plannedSchema),
  mode: z.enum(MODES).default('cdc'),
  /**
   * Whether the sweep comes every few seconds. Without it the events alone must bring every order home: only a loss of what holds
   * them (Temporal's store) leaves work for the sweep.
   */
  sweeps: z.boolean(),
  /** Seconds after the last approval and the last healing until everything must be done. */
  drainSeconds: count,
});
export type Plan = z.infer<typeof planSchema>;

/** One line that names a fault: its kind and what it strikes. */
export function nameOf(fault: Fault): string {
  const { kind, ...rest } = fault;
  const details = Object.entries(rest).map(
    ([key, value]) => `${key} ${Array.isArray(value) ? value.join(' ') : value}`,
  );
  return [kind, ...details].join(', ');
}

/** The slots that may be meant; which of the listeners leads, only the world can tell. */
export function slotsOf(who: Who): readonly ProcessSlot[] {
  switch (who) {
    case 'everyone':
      return PROCESSES;
    case 'workers':
      return WORKERS;
    case 'listeners':
    case 'leader':
      return LISTENERS;
    default:
      return [who];
  }
}
