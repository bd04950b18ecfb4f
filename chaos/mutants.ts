import { plan, type Mutant } from './mutant';
import { MUTANTS_OF_CHECKS } from './mutants-of-checks';
import type { PlannedFault } from './plan';

const approved = (n: number) => ({ at: 'approved', n }) as const;
const lostAnswers = (count: number): PlannedFault['fault'] => ({
  kind: 'whmcs',
  fault: 'commitThenLose',
  action: 'AddOrder',
  count,
});

/** What the promises forbid. */
const OF_PROMISES: readonly Mutant[] = [
  {
    name: 'a random workflow id',
    edits: [
      {
        file: 'src/temporal/orders.ts',
        find: 'workflowId: provisionWorkflowId(orderId),\n    taskQueue',
        replace: 'workflowId: `${provisionWorkflowId(orderId)}-${Math.random()}`,\n    taskQueue',
      },
    ],
    // Fewer than may be under way at once: none of them gets home.
    plan: {
      ...plan([{ when: approved(3), healAfter: 0, fault: { kind: 'events-repeated', count: 5 } }], 5),
      drainSeconds: 30,
    },
    says: /is the run of no order/,
  },
  {
    name: 'no look-up before AddOrder is tried again',
    edits: [{ file: 'src/workflows/adding.ts', find: 'if (mustLook) {', replace: 'if (mustLook && Date.now() < 0) {' }],
    plan: plan([{ when: approved(2), healAfter: 0, fault: lostAnswers(2) }], 5),
    says: /orders were added to WHMCS that nobody needed/,
  },
  {
    name: 'a look-up that reads the first page only',
    edits: [
      { file: 'src/whmcs/services.ts', find: 'const PAGE = 250;', replace: 'const PAGE = 2;' },
      { file: 'src/whmcs/services.ts', find: 'page < MOST_PAGES && rows', replace: 'page < 1 && rows' },
      {
        file: 'src/whmcs/services.ts',
        find: 'if (total !== undefined && rows.size < total) {',
        replace: 'if (MOST_PAGES < 0) {',
      },
    ],
    plan: plan([{ when: approved(5), healAfter: 0, fault: lostAnswers(2) }]),
    says: /orders were added to WHMCS that nobody needed/,
  },
  {
    name: 'a checkpoint before the effect',
    edits: [
      {
        file: 'src/listener/processor.ts',
        find: 'if (dealing === undefined) delivery.ack();\n    else dealing.then(() => delivery.ack()).catch(',
        replace: 'delivery.ack();\n    dealing?.catch(',
      },
    ],
    plan: plan([
      { when: approved(2), healAfter: 3, fault: { kind: 'stall', link: 'temporal-listener' } },
      { when: approved(4), healAfter: 2, fault: { kind: 'kill', who: 'listeners' } },
    ]),
    says: /0 active WHMCS orders/,
  },
  {
    name: 'an expired replay id that goes on from the latest event',
    edits: [
      {
        file: 'src/listener/subscription/subscription.ts',
        find: "    this.#from = 'earliest';\n  }",
        replace: "    this.#from = 'latest';\n  }",
      },
      {
        file: 'src/listener/processor.ts',
        find: "return this.makeGood('events were lost: the replay id is no longer known', delivery.lost, term);",
        replace: 'return;',
      },
    ],
    plan: plan([{ when: approved(2), healAfter: 3, fault: { kind: 'replay-id-expired' } }]),
    says: /0 active WHMCS orders/,
  },
  {
    name: 'gap events ignored',
    edits: [
      {
        file: 'src/domain/decision.ts',
        find: "    case 'GAP_UPDATE':\n    case 'GAP_UNDELETE':\n",
        replace: "    case 'GAP_UPDATE':\n      return none('ignored');\n    case 'GAP_UNDELETE':\n",
      },
    ],
    plan: plan([{ when: approved(2), healAfter: 0, fault: { kind: 'gap-events', count: 2 } }], 5),
    says: /0 active WHMCS orders/,
  },
  {
    name: 'a write-back that is dropped',
    edits: [
      {
        file: 'src/activities/order.ts',
        find: 'await salesforce.writeBack(orderId, { whmcsOrderId, services }, { beforeSend });',
        replace: 'await Promise.resolve({ orderId, whmcsOrderId, services, beforeSend });',
      },
    ],
    plan: plan([], 3),
    says: /WHMCS_Order_ID__c is null/,
  },
  {
    name: 'an invalidation that leaves the fills in flight their leases',
    edits: [
      { file: 'src/cache/scripts.ts', find: '  if r.mark > seq then return 0 end\n', replace: '' },
      {
        file: 'src/cache/scripts.ts',
        find: "    l.kind = 'R'\n    putLease(field, l)",
        replace: '    putLease(field, l)',
      },
      {
        file: 'src/cache/invalidator.ts',
        find: 'return this.connection.unlink([...groups].map((group) => keysOfGroup(this.connection.prefix, group)));',
        replace:
          'return Promise.all([...groups].map((group) => this.connection.invalidateScript(REVOKE, keysOfGroup(this.connection.prefix, group), []))).then(() => undefined);',
      },
    ],
    plan: plan(
      [{ when: approved(1), healAfter: 9, fault: { kind: 'slow', link: 'salesforce-portal', ms: 1_500 } }],
      10,
    ),
    says: /the portal says of order|was still shown as/,
  },
  {
    name: 'AddOrder repeated blindly after a time-out',
    edits: [
      {
        file: 'src/workflows/effects.ts',
        find: 'retry: { maximumAttempts: 1 } };',
        replace: 'retry: { maximumAttempts: 3 } };',
      },
    ],
    plan: plan(
      [
        {
          when: approved(2),
          healAfter: 0,
          fault: { kind: 'whmcs', fault: 'hangCommitted', action: 'AddOrder', count: 1 },
        },
      ],
      5,
    ),
    says: /orders were added to WHMCS that nobody needed/,
  },
  {
    name: 'a lease without fencing',
    edits: [
      {
        file: 'src/listener/topic-scripts.ts',
        find: 'if h[1] ~= ARGV[1] or h[2] ~= ARGV[2] then return 0 end',
        replace: '',
      },
    ],
    plan: {
      ...plan([{ when: approved(2), healAfter: 16, fault: { kind: 'freeze', who: 'leader' } }], 20),
      drainSeconds: 30,
    },
    says: /streams are open/,
  },
];

/** All of them, each with a name of its own. */
export const MUTANTS: readonly Mutant[] = [...OF_PROMISES, ...MUTANTS_OF_CHECKS];
