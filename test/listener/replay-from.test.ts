import { parseOrderId } from '../../src/domain/record-id';
import { eventually } from '../support/eventually';
import { orderId } from './support/org';
import { useListeners } from './support/listeners';
import { type TestListener } from './support/world';

/** `SF_REPLAY_FROM`: where a topic begins that has no checkpoint. */

// No keepalive tells a place while a test runs, and no silence ends a stream.
const world = useListeners({ times: { keepaliveMs: 600_000 } });

async function start(replayFrom: 'earliest' | 'latest'): Promise<TestListener> {
  const one = await world.start({ replayFrom, silenceLimitMs: 600_000 });
  await eventually(() => expect(one.listener.status()).toMatchObject({ ready: true, role: 'leader' }));
  await eventually(() => expect(world.org.open()).toBe(1));
  return one;
}
const request = (n: number) => `request ${parseOrderId(orderId(n))}`;

it.each([
  ['earliest', [1, 2]],
  ['latest', [2]],
] as const)('%s: of what came before and after the first start, takes %j', async (from, taken) => {
  world.org.change(orderId(1));
  const t = await start(from);
  world.org.change(orderId(2));
  await eventually(() => expect(t.outside.of('request')).toContain(request(2)));
  expect(t.outside.of('request')).toEqual(taken.map(request));
});

it('latest: what comes after a restart before the first saved place is not passed over', async () => {
  const first = await start('latest');
  await first.listener.stop();
  expect(await world.checkpoint()).toBeUndefined();
  world.org.change(orderId(1));
  const t = await start('latest');
  await eventually(() => expect(t.outside.of('request')).toEqual([request(1)]));
});
