import { plan, type Mutant } from './mutant';
import type { Plan, PlannedFault } from './plan';

const at = (n: number, fault: PlannedFault['fault'], healAfter = 0): PlannedFault => ({
  when: { at: 'approved', n },
  healAfter,
  fault,
});

/** Of which a part is the whole. */
const oneService = (whole: Plan): Plan => ({
  ...whole,
  orders: whole.orders.map((order) => ({ ...order, items: ['VPS-S'] })),
});

/**
 * One for each thing that the checker asks of the product and that no other mutant breaks: a question that is never answered wrongly asks
 * nothing. Those that are asked of made-up worlds are in test/chaos/books.test.ts and checker.test.ts.
 */
export const MUTANTS_OF_CHECKS: readonly Mutant[] = [
  {
    name: 'an order that is done and begun again',
    edits: [
      {
        file: 'src/domain/guard.ts',
        find: '  if (order.whmcsOrderId !== null) {',
        replace: '  if (context.now > 0) return { go: true, untouched: true };\n  if (order.whmcsOrderId !== null) {',
      },
    ],
    // Its event comes again, when it is no longer known that it was dealt with.
    plan: plan([at(2, { kind: 'kill-listener', when: 'before-checkpoint' })], 5),
    says: /: [2-9] active WHMCS orders instead of one/,
  },
  {
    name: 'an order that nobody approved is provisioned',
    edits: [
      {
        file: 'src/domain/decision.ts',
        find: "return none('the new status does not ask for provisioning');",
        replace: 'return request(orderIds, config);',
      },
      {
        file: 'src/domain/guard.ts',
        find: 'if (!context.provisionStatuses.includes(order.status)) {',
        replace: "if (order.status === '') {",
      },
    ],
    plan: plan([], 3, { role: 'draft' }),
    says: /\(draft\): WHMCS has orders/,
  },
  {
    name: 'an order without its invoice',
    edits: [{ file: 'src/whmcs/orders.ts', find: 'noemail: true };', replace: 'noemail: true, noinvoice: true };' }],
    plan: plan([], 3),
    says: /: 0 invoices instead of one/,
  },
  {
    name: 'an order whose AddOrder died before its invoice, taken for whole',
    edits: [{ file: 'src/whmcs/orders.ts', find: '        isBilled(candidate);', replace: '        true;' }],
    plan: oneService(plan([at(1, { kind: 'whmcs', fault: 'partialAdd', action: 'AddOrder', count: 1 })], 3)),
    says: /: 0 invoices instead of one/,
  },
  {
    name: 'an order that was not marked',
    edits: [
      { file: 'src/whmcs/lines.ts', find: "markerFieldId ?? '0', line.marker)", replace: "markerFieldId ?? '0', '')" },
      // Which would mark it after all, or call a person.
      { file: 'src/whmcs/acceptance.ts', find: 'if (!own.every(isMarked)) {', replace: 'if (own.length < 0) {' },
    ],
    plan: plan([], 3),
    says: /^WHMCS order \d+ names no order of Salesforce/,
  },
  {
    name: 'a duplicate that nobody cancels',
    edits: [
      { file: 'src/workflows/adding.ts', find: 'if (mustLook) {', replace: 'if (mustLook && Date.now() < 0) {' },
      {
        file: 'src/whmcs/acceptance.ts',
        find: '  await cancelDuplicates(client, order, whmcsOrderId, all);\n',
        replace: '',
      },
    ],
    plan: plan([at(1, { kind: 'whmcs', fault: 'commitThenLose', action: 'AddOrder', count: 1 })], 3),
    says: /: 2 invoices instead of one/,
  },
  {
    name: 'an item of which one is sold, whatever its quantity',
    edits: [{ file: 'src/whmcs/lines.ts', find: 'length: item.quantity }', replace: 'length: 1 }' }],
    plan: plan([], 3, { edit: 'item' }),
    says: /^the services of item/,
  },
  {
    name: 'a service whose module failed, taken for active',
    edits: [
      {
        file: 'src/whmcs/acceptance.ts',
        find: "services.filter((service) => service.status === 'Pending')",
        replace: 'services.filter(() => false)',
      },
      {
        file: 'src/whmcs/acceptance.ts',
        find: 'services.filter((service) => !isWorking(service))',
        replace: 'services.filter(() => false)',
      },
    ],
    plan: plan([at(1, { kind: 'whmcs', fault: 'moduleCreateFailure', action: 'AcceptOrder', count: 1 })], 3),
    says: /^the services of item .*, Pending/,
  },
  {
    name: 'services that Salesforce is not told of',
    edits: [
      {
        file: 'src/activities/order.ts',
        find: 'writeBack(orderId, { whmcsOrderId, services }, { beforeSend })',
        replace: 'writeBack(orderId, { whmcsOrderId, services: [] }, { beforeSend })',
      },
    ],
    plan: plan([], 3),
    says: /^WHMCS_Service_ID__c of item/,
  },
  {
    name: 'a failure that Salesforce is not told of',
    edits: [
      {
        file: 'src/activities/order.ts',
        find: 'await salesforce.markFailed(orderId, error, { beforeSend });',
        replace: 'await Promise.resolve({ orderId, error, beforeSend });',
      },
    ],
    plan: plan([], 3, { role: 'unlinked', items: ['VPS-S', 'MAINFRAME'] }),
    says: /waits for a person, and Salesforce does not say why/,
  },
  {
    name: 'a failure that ends the run',
    edits: [
      {
        file: 'src/workflows/provision-order.ts',
        find: '  allHandlersFinished,\n',
        replace: '  allHandlersFinished,\n  ApplicationFailure,\n',
      },
      {
        file: 'src/workflows/provision-order.ts',
        find: 'return awaitPerson(memory, outcome.error);',
        replace: "throw ApplicationFailure.nonRetryable('given up');",
      },
    ],
    plan: plan([], 3, { role: 'unlinked', items: ['VPS-S', 'MAINFRAME'] }),
    says: /ended as FAILED/,
  },
  {
    name: 'a catalog that is never invalidated',
    edits: [
      {
        file: 'src/domain/decision.ts',
        find: "    caches: { kind: 'catalog' },\n",
        replace: "    caches: none('nobody looks at prices'),\n",
      },
    ],
    plan: plan([], 4, { edit: 'price' }),
    says: /^the catalog was still shown as|the portal says of the catalog/,
  },
  {
    name: 'a portal that denies what it cannot read',
    edits: [
      {
        file: 'src/portal/failures.ts',
        find: "SourceFailedError) return 'SOURCE_UNAVAILABLE'",
        replace: "SourceFailedError) return 'NOT_FOUND'",
      },
    ],
    plan: plan([at(1, { kind: 'salesforce-portal', fault: 'unavailable', count: 6 })], 4),
    says: /^the portal answered 404/,
  },
  {
    name: 'gap events taken for broken ones',
    edits: [
      {
        file: 'src/domain/decision.ts',
        find: "if (ids.length === 0) return deadLetter(rejected ?? 'the event has no record id');\n  return {",
        replace:
          "if (ids.length === 0 || event.change === 'GAP_UPDATE') return deadLetter('it has no fields');\n  return {",
      },
    ],
    plan: plan([at(2, { kind: 'gap-events', count: 2 })], 5),
    says: /events were put aside as dead letters/,
  },
  {
    name: 'a checkpoint that stays where it is',
    edits: [
      {
        file: 'src/listener/processor.ts',
        find: 'else dealing.then(() => delivery.ack()).catch(',
        replace: 'else dealing.catch(',
      },
    ],
    plan: { ...plan([], 3), drainSeconds: 10 },
    says: /^the checkpoint of .* is at/,
  },
  {
    name: 'a portal that ends with its Redis',
    edits: [
      {
        file: 'src/processes/portal.ts',
        find: "logger.warn({ err: error }, 'Redis lost; reads go to Salesforce, coalesced')",
        replace: 'process.exit(error ? 3 : 4)',
      },
    ],
    plan: plan([at(2, { kind: 'redis-killed' }, 1)], 4),
    says: /^portal ended with exit code 3, and nobody had asked it to/,
  },
  {
    name: 'a worker that starts only once',
    edits: [
      {
        file: 'src/processes/worker.ts',
        find: "const logger = createLogger('worker', config.logLevel);",
        replace: `const logger = createLogger('worker', config.logLevel);
  const { existsSync, writeFileSync } = require('node:fs');
  const mark = process.env['CHAOS_CLOCK_FILE'] + '.started';
  if (existsSync(mark)) throw new Error('I was here before');
  writeFileSync(mark, '');`,
      },
    ],
    plan: plan([at(2, { kind: 'restart', who: 'worker-1' })], 4),
    says: /^worker-1 did not start/,
  },
];
