import { createClient } from 'redis';
import { startSandbox } from '../../../sandbox/sandbox';
import { takeGivenRedis } from '../../../sandbox/servers/given-redis';
import { freshRedis } from '../../support/servers';

test.each([
  [
    'redis://:hidden-word@127.0.0.1:1',
    'The Redis of REDIS_URL (127.0.0.1:1) cannot be used: connect ECONNREFUSED 127.0.0.1:1.',
  ],
  ['redis://:hidden-word@localhost:1/3', 'The Redis of REDIS_URL (localhost:1) cannot be used: '],
  ['http://hidden-word', 'The Redis of REDIS_URL cannot be used: it is no redis:// or rediss:// address.'],
  ['hidden-word', 'The Redis of REDIS_URL cannot be used: it is no redis:// or rediss:// address.'],
])('%s is refused with its reason, and without its password', async (url, message) => {
  const refused = await takeGivenRedis(url).then(
    () => 'taken',
    (error: unknown) => String(error),
  );
  expect(refused).toContain(message);
  expect(refused).not.toContain('hidden-word');
});

test('a sandbox on a Redis that runs already leaves it running, and is another org than the one before', async () => {
  const redis = await freshRedis({ password: 'pass/word' });
  const orgs: string[] = [];
  for (let round = 0; round < 2; round++) {
    const sandbox = await startSandbox({ redisUrl: redis.url, temporal: { headless: true } });
    expect(sandbox.env['REDIS_URL']).toBe(redis.url);
    const { store, orgId, salesUserId } = sandbox.salesforce;
    const account = store.transaction({ userId: salesUserId }, (tx) => tx.create('Account', { Name: 'First' }));
    orgs.push(orgId, account);
    await sandbox.stop();
  }
  expect(new Set(orgs).size).toBe(4);
  const client = createClient({ url: redis.url });
  await client.connect();
  expect(await client.ping()).toBe('PONG');
  client.destroy();
  await redis.stop();
});
