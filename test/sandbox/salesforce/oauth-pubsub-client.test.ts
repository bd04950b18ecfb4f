import PubSubApiClient, { type Configuration } from 'salesforce-pubsub-api-client';
import { startSalesforce, type SalesforceEmulator } from '../../../sandbox/salesforce';
import { eventually } from '../../support/eventually';
import { Received } from './subscriber';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

describe('the unmodified salesforce-pubsub-api-client', () => {
  let sf: SalesforceEmulator;

  // An org of its own for each: close() of this client leaves its stream open, and a managed subscription takes one.
  beforeEach(async () => {
    sf = await startSalesforce();
  });
  afterEach(() => sf.close());

  const clientOf = (login: Partial<Configuration> & { authType: string }) =>
    new PubSubApiClient(
      {
        loginUrl: sf.loginUrl,
        pubSubEndpoint: sf.pubsubEndpoint,
        rejectUnauthorizedSsl: false,
        ...login,
      },
      silent,
    );

  test.each(['oauth-client-credentials', 'oauth-jwt-bearer', 'username-password'])(
    'logs in by %s, and its managed subscription delivers',
    async (authType) => {
      const { clientId, clientSecret, username, password, privateKeyPem } = sf.credentials;
      const client = clientOf({
        authType,
        ...(authType === 'oauth-client-credentials' ? { clientId, clientSecret } : {}),
        ...(authType === 'oauth-jwt-bearer' ? { clientId, username, privateKey: privateKeyPem } : {}),
        ...(authType === 'username-password' ? { username, password, userToken: '' } : {}),
      });
      await client.connect();
      try {
        const received = new Received();
        // Looks the subscription up by its name through the Tooling API.
        await client.subscribeWithManagedSubscription('Order_Provisioning', received.callback, 100);
        await eventually(() => {
          expect(sf.pubsub.stats().openStreams['/data/OrderChangeEvent']).toBe(1);
        });
        const orderId = sf.store.transaction({ userId: sf.salesUserId }, (tx) => {
          const AccountId = tx.create('Account', { Name: authType });
          return tx.create('Order', { AccountId, EffectiveDate: '2026-11-23', Status: 'Draft' });
        });
        await eventually(() => {
          expect(received.headers.flatMap(({ recordIds }) => recordIds)).toContain(orderId);
        });
      } finally {
        client.close();
      }
    },
  );

  test('is told why a login fails', async () => {
    const client = clientOf({
      authType: 'oauth-client-credentials',
      clientId: sf.credentials.clientId,
      clientSecret: 'wrong',
    });
    await expect(client.connect()).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/HTTP 400 - .*invalid client credentials/) as string },
    });
  });
});
