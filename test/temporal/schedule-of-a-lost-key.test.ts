import { createSecretKey, randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { startTemporalDevServer } from '../../sandbox/servers/temporal';
import { dataConverterFor } from '../../src/temporal/codec';
import { ensureReconcileSchedule } from '../../src/temporal/schedule';
import { RECONCILE_SCHEDULE_ID } from '../../src/workflows/contract';

it('is made anew, so that a worker starts', async () => {
  const temporal = await startTemporalDevServer({ headless: true });
  const connection = await Connection.connect({ address: temporal.address });
  try {
    const withKey = (id: string): Client => {
      const keys = new Map([[id, createSecretKey(randomBytes(32))]]);
      return new Client({ connection, dataConverter: dataConverterFor({ encryptWith: id, keys })! });
    };
    const schedule = { everyMs: 900_000, taskQueue: 'orders' };
    await ensureReconcileSchedule(withKey('lost'), schedule);
    const kept = withKey('kept');
    await ensureReconcileSchedule(kept, schedule);
    const { action } = await kept.schedule.getHandle(RECONCILE_SCHEDULE_ID).describe();
    expect(action).toMatchObject({ args: [{ reason: 'schedule' }] });
  } finally {
    await connection.close();
    await temporal.stop();
  }
});
