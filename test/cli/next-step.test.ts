import { ValueError } from '@temporalio/common';
import type { OrderFacts, SalesforceFacts, WhmcsFacts } from '../../src/cli/story/facts';
import { nextStep } from '../../src/cli/story/next-step';
import { FAILURES } from '../../src/domain/failure';
import { parseOrderId, type SalesforceOrder } from '../../src/domain/order';
import type { RunStory } from '../../src/temporal/operator';
import type { ProvisioningStatus } from '../../src/workflows/contract';

const orderId = parseOrderId('801xx000003DHPxAAO');
const known = <T>(value: T) => ({ is: 'known', value }) as const;
const away = { is: 'unreachable', failure: { code: 'X', message: 'away', advice: 'Check SF_LOGIN_URL.' } } as const;

function order(fields: Partial<SalesforceOrder> = {}, lastError: SalesforceFacts['lastError'] = null): SalesforceFacts {
  const base: SalesforceOrder = {
    id: orderId,
    accountId: null,
    status: 'Approved',
    activationStatus: null,
    whmcsOrderId: null,
    whmcsClientId: '1',
    currency: null,
    systemModstamp: 0,
    items: [],
  };
  return { order: { ...base, ...fields }, lastError };
}

function run(
  state: RunStory['state'],
  progress: Partial<ProvisioningStatus> | null,
  fields: Partial<RunStory> = {},
): RunStory {
  const status: ProvisioningStatus = {
    orderId,
    phase: 'Loading',
    attempt: 1,
    trigger: 'cdc',
    whmcsOrderId: null,
    lastError: null,
    skipped: null,
    history: [],
  };
  return {
    orderId,
    workflowId: `provision-order-${orderId}`,
    runId: 'r',
    taskQueue: 'orders',
    state,
    phase: progress?.phase ?? null,
    trigger: 'cdc',
    whmcsOrderId: null,
    accountId: null,
    startedAt: new Date(0),
    closedAt: null,
    progress: progress === null ? null : { ...status, ...progress },
    unanswered: null,
    ...fields,
  };
}

const error = (code: keyof typeof FAILURES) => ({ code, ...FAILURES[code], message: 'm', at: '2026-01-01T00:00:00Z' });
const marked = (...orders: [string, string][]): WhmcsFacts => ({
  marked: orders.map(([whmcsOrderId, status]) => ({ whmcsOrderId, status, services: [{ id: '9', status: 'Active' }] })),
  named: null,
});
const provisioned = { activationStatus: 'Activated', whmcsOrderId: '7' };
const named = (status: string | null): WhmcsFacts => ({ ...marked(), named: { whmcsOrderId: '7', status } });

function step(facts: Partial<OrderFacts>) {
  return nextStep({
    orderId,
    salesforce: known(order()),
    temporal: known(null),
    whmcs: known(marked()),
    cache: known({ state: 'not-cached' }),
    provisionStatuses: ['Approved', 'Reactivate'],
    ...facts,
  });
}

const noWorker = { error: new Error('4 DEADLINE_EXCEEDED'), pollers: 0 };
const lostKey = new ValueError('An encrypted payload cannot be read: key "a" is not in TEMPORAL_CODEC_KEYS_FILE');
const temporalAway = {
  is: 'unreachable',
  failure: { code: 'TEMPORAL_UNREACHABLE', message: 'away', advice: 'Check TEMPORAL_ADDRESS.' },
} as const;
const notAsked = { is: 'not-asked', why: 'WHMCS_API_URL is not set' } as const;

const waiting = { phase: 'AwaitingReprovision', lastError: error('ACCOUNT_NOT_LINKED') } as const;

type Row = [string, Partial<OrderFacts>, 'none' | 'wait' | 'act', RegExp, string?];

test.each<Row>([
  [
    'two active orders outrank all else',
    { whmcs: known(marked(['7', 'Active'], ['8', 'Active'])), temporal: known(run('running', waiting)) },
    'act',
    /7 and 8 are both active/,
  ],
  ['unknown everywhere', { salesforce: known(null) }, 'act', /Neither Salesforce nor Temporal knows/],
  [
    'deleted, Temporal away',
    { salesforce: known(null), temporal: temporalAway },
    'act',
    /cannot be told without Temporal.*Check TEMPORAL_ADDRESS/,
    'orders doctor',
  ],
  [
    'deleted, the run lives',
    { salesforce: known(null), temporal: known(run('running', {})) },
    'act',
    /its run lives/,
    'orders cancel',
  ],
  [
    'deleted, WHMCS has it',
    { salesforce: known(null), temporal: known(run('completed', { whmcsOrderId: '7' })) },
    'act',
    /WHMCS order 7 should be terminated/,
  ],
  ...(['Cancelled', 'Abandoned'] as const).map((phase): Row => [
    `deleted, the run ended ${phase}`,
    { salesforce: known(null), temporal: known(run('completed', { phase })) },
    'none',
    /left nothing in WHMCS/,
  ]),
  [
    'deleted, and the result cannot be read',
    { salesforce: known(null), temporal: known(run('completed', null, { phase: 'Cancelled' })) },
    'none',
    /left nothing in WHMCS/,
  ],
  [
    'deleted, and the run found no order',
    { salesforce: known(null), temporal: known(run('completed', { phase: 'Skipped' })), whmcs: notAsked },
    'act',
    /ended Skipped.*cannot be told: look there for services whose marker begins with 801xx000003DHPxAAO/,
  ],
  ...(['terminated', 'failed', 'timed-out', 'cancelled'] as const).map((state): Row => [
    `deleted, the run was ${state} before it was done`,
    { salesforce: known(null), temporal: known(run(state, null, { phase: 'Loading' })), whmcs: notAsked },
    'act',
    /Whether WHMCS holds anything of it cannot be told: look there/,
  ]),
  [
    'no worker',
    { temporal: known(run('running', null, { unanswered: noWorker })) },
    'act',
    /where it is cannot be told: no worker polls/,
    'orders doctor',
  ],
  [
    'workers that do not answer',
    { temporal: known(run('running', null, { unanswered: { ...noWorker, pollers: 2 } })) },
    'act',
    /(?!.*Start the worker)cannot be told/,
    'orders doctor',
  ],
  [
    'a lost codec key',
    { temporal: known(run('running', null, { unanswered: { error: lostKey, pollers: 1 } })) },
    'act',
    /key "a" is not in TEMPORAL_CODEC_KEYS_FILE/,
    'orders doctor',
  ],
  [
    'waits for a person and does not say why',
    {
      salesforce: known(order({}, { code: 'ACCOUNT_NOT_LINKED', message: null })),
      temporal: known(run('running', null, { phase: 'AwaitingReprovision', unanswered: noWorker })),
    },
    'act',
    /Put the WHMCS client id.*no worker polls/,
    'orders reprovision',
  ],
  [
    'waits for a person',
    { temporal: known(run('running', waiting)) },
    'act',
    /Put the WHMCS client id/,
    'orders reprovision',
  ],
  [
    'waits, Salesforce away',
    { salesforce: away, temporal: known(run('running', waiting)) },
    'act',
    /Put the WHMCS client id/,
    'orders reprovision',
  ],
  [
    'retried by itself',
    { temporal: known(run('running', { lastError: error('WHMCS_MAINTENANCE') })) },
    'wait',
    /retried by itself/,
    'orders watch',
  ],
  ['under way', { temporal: known(run('running', { phase: 'AddingOrder' })) }, 'wait', /under way/, 'orders watch'],
  ['Salesforce away', { salesforce: away }, 'act', /Check SF_LOGIN_URL/, 'orders doctor'],
  [
    'provisioned',
    { salesforce: known(order(provisioned)), whmcs: known(named('Active')) },
    'none',
    /it is provisioned/,
  ],
  [
    'provisioned, WHMCS not asked',
    { salesforce: known(order(provisioned)), whmcs: notAsked },
    'none',
    /Salesforce counts it as provisioned, and WHMCS was not asked/,
  ],
  [
    'provisioned, Temporal away',
    { salesforce: known(order(provisioned)), whmcs: known(named('Active')), temporal: temporalAway },
    'none',
    /it is provisioned/,
  ],
  ['provisioned, WHMCS away', { salesforce: known(order(provisioned)), whmcs: away }, 'wait', /could not be asked/],
  [
    'provisioned, gone in WHMCS',
    { salesforce: known(order(provisioned)), whmcs: known(named(null)) },
    'act',
    /WHMCS does not have/,
    'orders reprovision',
  ],
  [
    'provisioned, cancelled in WHMCS',
    { salesforce: known(order(provisioned)), whmcs: known(named('Cancelled')) },
    'act',
    /is Cancelled/,
  ],
  [
    'provisioned, another is active',
    {
      salesforce: known(order(provisioned)),
      whmcs: known({ ...named('Active'), marked: marked(['8', 'Active']).marked }),
    },
    'act',
    /its marker is 8/,
  ],
  [
    'active in WHMCS, unknown to Salesforce',
    { whmcs: known(marked(['7', 'Active'])) },
    'act',
    /is adopted/,
    'orders reprovision',
  ],
  [
    'active in WHMCS, unknown to Salesforce, Temporal away',
    { whmcs: known(marked(['7', 'Active'])), temporal: temporalAway },
    'act',
    /7 is active.*cannot be told without Temporal/,
    'orders doctor',
  ],
  ...(['Approved', 'Draft'] as const).map((status): Row => [
    `${status}, Temporal away`,
    { salesforce: known(order({ status })), temporal: temporalAway },
    'act',
    /Its status is \w+\. Whether a run is at work on it cannot be told without Temporal\. Check TEMPORAL_ADDRESS/,
    'orders doctor',
  ]),
  [
    'not approved, WHMCS away',
    { salesforce: known(order({ status: 'Draft' })), whmcs: away },
    'wait',
    /status is Draft.*Whether WHMCS holds anything of it cannot be told/,
  ],
  [
    'not approved',
    { salesforce: known(order({ status: 'Draft' })) },
    'none',
    /status is Draft.*Approved or Reactivate/,
  ],
  [
    'activated without id',
    { salesforce: known(order({ activationStatus: 'Activated' })) },
    'act',
    /without a WHMCS order id/,
    'orders reprovision',
  ],
  [
    'failed, run over',
    {
      salesforce: known(order({ activationStatus: 'Failed' }, { code: 'PRODUCT_NOT_LINKED', message: null })),
      temporal: known(run('completed', { phase: 'Abandoned' })),
    },
    'act',
    /Put the WHMCS product id/,
    'orders reprovision',
  ],
  [
    'orphaned Activating',
    { salesforce: known(order({ activationStatus: 'Activating' })) },
    'act',
    /no run is at work/,
    'orders reprovision',
  ],
  [
    'orphaned Activating, billed unmarked',
    {
      salesforce: known(
        order(
          { activationStatus: 'Activating', failedWith: 'WHMCS_ORDER_UNMARKED' },
          { code: 'WHMCS_ORDER_UNMARKED', message: 'as before' },
        ),
      ),
    },
    'act',
    /lacks the marker/,
    'orders reprovision',
  ],
  ['never begun', {}, 'act', /no run was begun/, 'orders reconcile'],
  [
    'terminated before it was done',
    { temporal: known(run('terminated', null)) },
    'act',
    /was terminated/,
    'orders reprovision',
  ],
])('%s', (...row) => {
  const [, facts, need, text, command] = row;
  const found = step(facts);
  expect(found).toMatchObject({ need });
  expect(found.text).toMatch(text);
  if (command === undefined) expect(found.commands.filter((line) => !line.startsWith('orders status'))).toEqual([]);
  else expect(found.commands.join('\n')).toContain(command);
});

describe('what cannot be told', () => {
  const seen = { away: temporalAway, 'not-asked': { is: 'not-asked', why: 'not set' } } as const;
  const salesforceSays = [null, order(), order({ status: 'Draft' }), order({ activationStatus: 'Activating' })];

  test.each(Object.keys(seen) as (keyof typeof seen)[])('of a run is never said where Temporal is %s', (how) => {
    for (const says of salesforceSays) {
      const { text } = step({ salesforce: known(says), temporal: seen[how] });
      expect(text).toContain('cannot be told without Temporal');
      expect(text).not.toMatch(/no run|No system|Neither|its run/);
    }
  });
});
