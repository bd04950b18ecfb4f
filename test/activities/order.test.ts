import { MockActivityEnvironment } from '@temporalio/testing';
import { orderActivities } from '../../src/activities/order';
import { Org } from '../salesforce/support/org';

describe('a claim', () => {
  let org: Org;
  beforeAll(async () => {
    org = await Org.start();
  });
  afterAll(() => org.emulator.close());

  /** One attempt, which Temporal waits for as long without a heartbeat. @returns how it ended, and what it noted for the next */
  async function claim(orderId: string, heartbeatTimeoutMs: number) {
    const { claimOrder } = orderActivities({
      salesforce: org.salesforce.orders,
      policy: {
        provisionStatuses: ['Approved'],
        stuckAfterMs: 60_000,
        whmcsTimeoutMs: 1_000,
        quietPeriodMs: 1_000,
        reprovisionWaitMs: 1_000,
      },
    });
    const environment = new MockActivityEnvironment({ attempt: 1, heartbeatTimeoutMs });
    const noted: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => noted.push(details));
    const input = { orderId, trigger: 'cdc', claimedByThisRun: false } as const;
    const end: unknown = await environment.run(() => claimOrder(input)).catch((error: unknown) => error);
    return { end, noted };
  }

  it('marks the order Activating', async () => {
    const { id } = org.order();
    expect((await claim(id, 60_000)).end).toMatchObject({ outcome: 'claimed', untouched: true });
    expect(org.emulator.store.get('Order', id)).toMatchObject({ Activation_Status__c: 'Activating' });
  });

  // Nothing is read within no time: as for a worker that was frozen since it read.
  it('that comes when another attempt may be at work writes nothing, and says that it has not', async () => {
    const { id } = org.order();
    const { end, noted } = await claim(id, 0);
    expect(end).toMatchObject({ code: 'SF_UNREACHABLE', kind: 'retryable' });
    expect(noted).toEqual([{ nothingWrittenUpTo: 1 }]);
    expect(org.emulator.store.get('Order', id)).toMatchObject({ Activation_Status__c: null });
  });
});
