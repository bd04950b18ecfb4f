import { LINKS, PROCESSES, RARE_CALLS, type Barrier, type Fault } from './plan';
import type { Random } from './random';

/** A kind of trouble that a plan may choose, and what is free in it. */
export interface Case {
  /** A plan takes from each group once before it takes from one twice. */
  group:
    'worker' | 'listener' | 'process' | 'temporal' | 'redis' | 'stream' | 'event' | 'salesforce' | 'whmcs' | 'link';
  make: (dice: Random) => Fault;
  /** When it may strike. */
  barriers: readonly ((n: number) => Barrier)[];
  /** Over how many more approvals it lasts, from and to; at once when left out. */
  healAfter?: readonly [number, number];
  /** Only the sweep can make good for it. */
  needsSweep?: true;
  /** How long the product leaves an order alone after it, by its own rules. Only long runs have the time. */
  restsForSeconds?: number;
}

const approved = (n: number): Barrier => ({ at: 'approved', n });
const activated = (n: number): Barrier => ({ at: 'activated', n });
const started = (n: number): Barrier => ({ at: 'started', n });
const call =
  (action: 'AddOrder' | 'AcceptOrder' | 'GetClientsProducts', point: 'before-commit' | 'after-commit') =>
  (n: number): Barrier => ({ at: 'call', action, point, n });
const VENDOR_CALLS = [
  call('AddOrder', 'before-commit'),
  call('AddOrder', 'after-commit'),
  call('AcceptOrder', 'before-commit'),
  call('AcceptOrder', 'after-commit'),
  // A read changes nothing: before and after are the same to it, but for the answer.
  call('GetClientsProducts', 'before-commit'),
  call('GetClientsProducts', 'after-commit'),
];

const lost = ['commitThenLose', 'commitThenHtml', 'commitThen5xx', 'truncatedJson', 'hangCommitted'] as const;
const refused = ['loseBeforeCommit', 'html200', '503', '429', 'latency'] as const;

export const CASES: readonly Case[] = [
  { group: 'worker', make: () => ({ kind: 'kill', who: 'workers' }), barriers: VENDOR_CALLS },
  { group: 'worker', make: () => ({ kind: 'kill', who: 'workers' }), barriers: VENDOR_CALLS, healAfter: [1, 3] },
  {
    group: 'worker',
    make: (dice) => ({
      kind: 'kill-workers-in-salesforce',
      call: dice.pick(['read', 'claim', 'write-back', 'mark-failed'] as const),
      point: dice.pick(['before-commit', 'after-commit'] as const),
    }),
    barriers: [approved],
  },
  {
    group: 'worker',
    make: (dice) => ({
      kind: 'kill-workers-in-rare-call',
      call: dice.pick(RARE_CALLS),
      point: dice.pick(['before-commit', 'after-commit'] as const),
    }),
    barriers: [approved],
  },
  {
    group: 'worker',
    make: (dice) => ({
      kind: 'zombie-worker',
      commits: dice.pick(['before-the-next-add', 'after-all-is-done'] as const),
    }),
    barriers: [approved],
    restsForSeconds: 100,
    needsSweep: true,
  },
  { group: 'listener', make: () => ({ kind: 'kill', who: 'leader' }), barriers: [approved, started, activated] },
  {
    group: 'listener',
    make: () => ({ kind: 'freeze', who: 'leader' }),
    barriers: [approved, started],
    healAfter: [2, 5],
  },
  { group: 'listener', make: () => ({ kind: 'freeze-past-its-lease' }), barriers: [approved] },
  {
    group: 'listener',
    make: (dice) => ({ kind: 'kill-listener', when: dice.pick(['before-start', 'before-checkpoint'] as const) }),
    barriers: [approved],
  },
  { group: 'listener', make: () => ({ kind: 'kill', who: 'listeners' }), barriers: [approved], healAfter: [1, 4] },
  {
    group: 'process',
    make: (dice) => ({ kind: dice.pick(['kill', 'freeze', 'restart'] as const), who: dice.pick(PROCESSES) }),
    barriers: [approved, activated],
    healAfter: [1, 4],
  },
  { group: 'process', make: () => ({ kind: 'deployment' }), barriers: [approved, activated] },
  {
    group: 'process',
    make: (dice) => ({ kind: 'clock-step', who: dice.pick(PROCESSES), hours: dice.pick([-3, -1, 1, 26]) }),
    barriers: [approved, started],
    healAfter: [2, 6],
  },
  {
    group: 'process',
    make: (dice) => ({ kind: 'all-stopped', healIn: dice.shuffle([...PROCESSES, 'temporal', 'redis'] as const) }),
    barriers: [approved, started],
    healAfter: [2, 4],
  },
  {
    group: 'temporal',
    make: (dice) => ({ kind: 'temporal-killed', times: dice.pick([1, 1, 3]) }),
    barriers: [approved, started],
    healAfter: [0, 4],
  },
  { group: 'temporal', make: () => ({ kind: 'temporal-frozen' }), barriers: [approved, started], healAfter: [3, 6] },
  {
    group: 'temporal',
    make: () => ({ kind: 'temporal-lost' }),
    barriers: [approved, started],
    healAfter: [0, 2],
    needsSweep: true,
  },
  {
    group: 'temporal',
    make: (dice) => ({
      kind: dice.pick(['cut', 'stall'] as const),
      link: dice.pick(['temporal-listener', 'temporal-worker']),
    }),
    barriers: [approved, started],
    healAfter: [1, 4],
  },
  { group: 'redis', make: () => ({ kind: 'redis-killed' }), barriers: [approved, started], healAfter: [0, 4] },
  { group: 'redis', make: () => ({ kind: 'redis-frozen' }), barriers: [approved, started], healAfter: [3, 6] },
  { group: 'redis', make: () => ({ kind: 'redis-emptied' }), barriers: [approved, started, activated] },
  { group: 'redis', make: () => ({ kind: 'redis-read-only' }), barriers: [approved, activated], healAfter: [1, 4] },
  { group: 'stream', make: () => ({ kind: 'streams-cut' }), barriers: [approved, started] },
  { group: 'stream', make: () => ({ kind: 'streams-half-open' }), barriers: [approved], healAfter: [2, 5] },
  { group: 'stream', make: () => ({ kind: 'streams-silent' }), barriers: [approved], healAfter: [2, 5] },
  { group: 'stream', make: () => ({ kind: 'replay-id-expired' }), barriers: [approved], healAfter: [1, 3] },
  { group: 'stream', make: () => ({ kind: 'sessions-expired' }), barriers: [approved, started] },
  {
    group: 'event',
    make: (dice) => ({ kind: 'events-repeated', count: dice.int(3, 20) }),
    barriers: [approved, activated],
  },
  { group: 'event', make: (dice) => ({ kind: 'events-disordered', count: dice.int(2, 5) }), barriers: [approved] },
  {
    group: 'event',
    make: (dice) => ({ kind: 'events-delayed', ms: dice.int(500, 3_000) }),
    barriers: [approved],
    healAfter: [1, 4],
  },
  { group: 'event', make: (dice) => ({ kind: 'gap-events', count: dice.int(1, 3) }), barriers: [approved] },
  { group: 'event', make: (dice) => ({ kind: 'overflow', count: dice.int(1, 3) }), barriers: [approved] },
  {
    group: 'salesforce',
    make: (dice) => ({
      kind: 'salesforce',
      fault: dice.pick([
        ...(['rowLock', 'unavailable', 'html', 'invalidSession', 'latency'] as const),
        ...(['claimCommittedThenLost', 'writeBackCommittedThenLost', 'failureCommittedThenLost'] as const),
      ]),
      count: dice.int(1, 3),
    }),
    barriers: [approved],
  },
  {
    group: 'salesforce',
    make: () => ({ kind: 'salesforce', fault: 'requestLimitExceeded', count: 1 }),
    barriers: [approved],
    restsForSeconds: 320,
  },
  {
    group: 'salesforce',
    make: (dice) => ({
      kind: 'salesforce-portal',
      fault: dice.pick(['unavailable', 'html', 'requestLimitExceeded', 'invalidSession', 'latency', 'hang'] as const),
      count: dice.int(1, 4),
    }),
    barriers: [approved],
  },
  {
    group: 'whmcs',
    make: (dice) => ({ kind: 'whmcs', fault: dice.pick(lost), action: 'AddOrder', count: dice.int(1, 2) }),
    barriers: [approved],
  },
  {
    group: 'whmcs',
    make: (dice) => ({
      kind: 'whmcs',
      fault: dice.pick(['commitLate', 'partialAdd'] as const),
      action: 'AddOrder',
      count: 1,
    }),
    barriers: [approved],
  },
  {
    group: 'whmcs',
    make: (dice) => ({
      kind: 'whmcs',
      fault: dice.pick([...lost, ...refused]),
      action: dice.pick(['AddOrder', 'AcceptOrder']),
      count: dice.int(1, 3),
    }),
    barriers: [approved],
  },
  {
    group: 'whmcs',
    make: (dice) => ({
      kind: 'whmcs',
      fault: dice.pick(refused),
      action: 'GetClientsProducts',
      count: dice.int(1, 3),
    }),
    barriers: [approved],
  },
  {
    group: 'whmcs',
    // Twice, and it could be the same service twice: that is for a person, and a round has none.
    make: () => ({ kind: 'whmcs', fault: 'moduleCreateFailure', action: 'AcceptOrder', count: 1 }),
    barriers: [approved],
  },
  {
    group: 'whmcs',
    make: () => ({ kind: 'whmcs', fault: '403ip', action: 'AddOrder', count: 1 }),
    barriers: [approved],
    restsForSeconds: 320,
  },
  {
    group: 'link',
    make: (dice) => ({ kind: dice.pick(['cut', 'stall'] as const), link: dice.pick(LINKS) }),
    barriers: [approved, started],
    healAfter: [1, 4],
  },
  {
    group: 'link',
    make: (dice) => ({ kind: 'slow', link: dice.pick(LINKS), ms: dice.int(50, 400) }),
    barriers: [approved],
    healAfter: [3, 8],
  },
];
