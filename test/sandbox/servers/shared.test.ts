import { Connection } from '@temporalio/client';
import { createClient } from 'redis';
import { redisUrl, temporalAddress } from '../../support/servers';

test('the run has a Temporal server that knows our search attributes', async () => {
  const connection = await Connection.connect({ address: await temporalAddress() });
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
  expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(['SalesforceOrderId', 'ProvisioningPhase']));
  await connection.close();
});

test('the run has a Redis, the same one for whoever asks', async () => {
  const url = await redisUrl();
  expect(await redisUrl()).toBe(url);
  const client = createClient({ url });
  await client.connect();
  expect(await client.ping()).toBe('PONG');
  await client.close();
});
