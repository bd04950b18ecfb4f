import { MockActivityEnvironment } from '@temporalio/testing';
import type { ProvisioningActivities } from '../../src/activities/contract';
import { orderActivities } from '../../src/activities/order';
import type { OrderId } from '../../src/domain/order';
import type { SalesforceOptions } from '../../src/salesforce';
import { Org } from '../salesforce/support/org';

let org: Org;
beforeAll(async () => {
  org = await Org.start();
});
afterAll(() => org.emulator.close());

type Activities = Pick<ProvisioningActivities, 'claimOrder' | 'writeBack' | 'markFailed'>;

const HEARTBEAT_TIMEOUT_MS = 60_000;

/** One attempt. @returns how it ended, and what it noted for the next */
async function attempt(run: (activities: Activities) => Promise<unknown>, options: Partial<SalesforceOptions> = {}) {
  const activities = orderActivities({
    salesforce: org.connect(options).orders,
    policy: {
      provisionStatuses: ['Approved'],
      stuckAfterMs: 60_000,
      whmcsTimeoutMs: 1_000,
      quietPeriodMs: 1_000,
      reprovisionWaitMs: 1_000,
    },
  });
  const environment = new MockActivityEnvironment({ attempt: 1, heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS });
  const noted: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => noted.push(details));
  const end: unknown = await environment.run(() => run(activities)).catch((error: unknown) => error);
  return { end, noted };
}

const claim =
  (orderId: OrderId) =>
  ({ claimOrder }: Activities) =>
    claimOrder({ orderId, trigger: 'cdc', claimedByThisRun: false });

it('a claim marks the order Activating', async () => {
  const { id } = org.order();
  expect((await attempt(claim(id))).end).toMatchObject({ outcome: 'claimed', untouched: true });
  expect(org.emulator.store.get('Order', id)).toMatchObject({ Activation_Status__c: 'Activating' });
});

/** Another attempt is at work by then, or has brought the order to its end. */
describe('of a worker that is frozen while its write waits for its turn', () => {
  afterEach(() => jest.restoreAllMocks());

  interface Case {
    what: string;
    /** How many calls go out before the write. */
    callsBefore: number;
    run: (orderId: OrderId) => (activities: Activities) => Promise<unknown>;
    noted: unknown[];
  }
  const cases: Case[] = [
    { what: 'a claim', callsBefore: 1, run: claim, noted: [{ nothingWrittenUpTo: 1 }] },
    {
      what: 'a write-back',
      callsBefore: 0,
      run:
        (orderId) =>
        ({ writeBack }) =>
          writeBack({ orderId, whmcsOrderId: '7', services: [] }),
      noted: [],
    },
    {
      what: 'a mark as Failed',
      callsBefore: 0,
      run:
        (orderId) =>
        ({ markFailed }) =>
          markFailed({ orderId, code: 'WHMCS_UNREACHABLE', message: 'It is away', advice: 'Wait' }),
      noted: [],
    },
  ];

  it.each(cases)('$what writes nothing, and is tried again', async ({ callsBefore, run, noted }) => {
    const { id } = org.order();
    const before = org.emulator.store.get('Order', id);
    let calls = 0;
    const admit: SalesforceOptions['admit'] = (call) => {
      if (calls++ === callsBefore) {
        const frozenUntil = Date.now() + HEARTBEAT_TIMEOUT_MS;
        jest.spyOn(Date, 'now').mockReturnValue(frozenUntil);
      }
      return call();
    };
    const outcome = await attempt(run(id), { admit });
    expect(outcome).toMatchObject({ end: { code: 'SF_UNREACHABLE', kind: 'retryable' }, noted });
    expect(calls).toBe(callsBefore + 1);
    expect(org.emulator.store.get('Order', id)).toEqual(before);
  });
});
