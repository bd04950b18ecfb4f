import { createServer } from 'node:net';
import { Connection } from '@temporalio/client';
import { createClient } from 'redis';
import { startSandbox } from '../../sandbox/sandbox';
import { freePort, PortInUse } from '../../sandbox/servers/free-port';

/** That a TCP port can be listened on again. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

const form = (fields: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(fields) });

test('its environment opens every door, and after stop() all are shut', async () => {
  const sandbox = await startSandbox({ temporal: { headless: true } });
  const env = sandbox.env as Record<string, string> & Record<'SF_LOGIN_URL' | 'WHMCS_API_URL' | 'REDIS_URL', string>;

  const token = await fetch(
    `${env.SF_LOGIN_URL}/services/oauth2/token`,
    form({
      grant_type: 'client_credentials',
      client_id: env['SF_CLIENT_ID']!,
      client_secret: env['SF_CLIENT_SECRET']!,
    }),
  );
  expect(await token.json()).toMatchObject({ instance_url: env.SF_LOGIN_URL, token_type: 'Bearer' });

  const products = await fetch(
    env.WHMCS_API_URL,
    form({
      action: 'GetProducts',
      identifier: env['WHMCS_API_IDENTIFIER']!,
      secret: env['WHMCS_API_SECRET']!,
      responsetype: 'json',
    }),
  );
  expect(await products.json()).toMatchObject({ result: 'success' });

  const redis = createClient({ url: env.REDIS_URL });
  await redis.connect();
  expect(await redis.ping()).toBe('PONG');
  redis.destroy();

  const temporal = await Connection.connect({ address: env['TEMPORAL_ADDRESS']! });
  const { customAttributes } = await temporal.operatorService.listSearchAttributes({
    namespace: env['TEMPORAL_NAMESPACE']!,
  });
  expect(customAttributes).toHaveProperty('ProvisioningPhase');
  await temporal.close();

  await sandbox.stop();
  const addresses = [env['TEMPORAL_ADDRESS']!, env['SF_PUBSUB_ENDPOINT']!, env.SF_LOGIN_URL, env.WHMCS_API_URL];
  const ports = [...addresses, env.REDIS_URL].map((address) => Number(/:(\d+)(\/|$)/.exec(address)?.[1]));
  expect(await Promise.all(ports.map(isFree))).toEqual(ports.map(() => true));
});

test('a port in use stops the start, and what had started is stopped too', async () => {
  const whmcsPort = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const starting = startSandbox({ redis: { port }, whmcs: { port: whmcsPort }, temporal: { headless: true } });
  await expect(starting).rejects.toThrow(PortInUse);
  await expect(starting).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use, so Redis cannot listen there.`);
  expect(await isFree(whmcsPort)).toBe(true);
  server.close();
});
