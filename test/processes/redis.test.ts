import { lastingRedis, type RedisConnection } from '../../src/processes/redis';
import { eventually } from '../support/eventually';
import { PrivateRedis } from '../support/private-redis';

let server: PrivateRedis;
let redis: RedisConnection | undefined;
beforeAll(async () => (server = await PrivateRedis.start()));
afterAll(async () => {
  redis?.destroy();
  await server.stop();
});

it('a connection on which nothing came for too long, as after a pause of the process, is made anew', async () => {
  const faults: string[] = [];
  redis = lastingRedis(server.url, (error) => faults.push((error as Error).message), 100);
  await redis.connect();
  await eventually(() => expect(faults).toContainEqual(expect.stringMatching(/^Socket timeout/)));
  await eventually(async () => expect(await redis?.commands.hLen('nothing')).toBe(0));
});
