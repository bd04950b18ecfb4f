import { parseOrderId } from '../../src/domain/record-id';
import { createCheckpoints } from '../../src/listener';
import { topicKey } from '../../src/listener/redis';
import { eventually } from '../support/eventually';
import { orderId, ORDERS } from './support/org';
import { useListeners } from './support/listeners';
import { type TestListener } from './support/world';

/** Where Salesforce keeps the place, it tells nobody that it has lost it: what may be missing is swept for all the same. */

const HOUR = 3_600_000;
const world = useListeners();

/** A listener whose order topic is a managed subscription, once it has dealt with the order `n`. */
async function listen(n: number, managed = true): Promise<TestListener> {
  const over = managed ? { managedSubscriptions: { order: 'Order_Provisioning' } } : {};
  const one = await world.start(over);
  world.org.change(orderId(n));
  await eventually(() => expect(one.outside.of('request')).toContain(`request ${parseOrderId(orderId(n))}`));
  await eventually(() => expect(one.listener.status().ready).toBe(true));
  return one;
}
/** Runs one until it has dealt with the order, and ends it. */
async function term(n: number, managed = true): Promise<TestListener> {
  const one = await listen(n, managed);
  await one.listener.stop();
  return one;
}
const repaired = ({ outside }: TestListener) => [outside.of('sweep').length, outside.of('all').length];
const key = () => topicKey(world.org.sf.orgId, ORDERS);

describe('a managed subscription', () => {
  it('is swept for and flushed at its first start, and not at the next', async () => {
    expect(repaired(await term(1))).toEqual([1, 1]);
    expect(repaired(await term(2))).toEqual([0, 0]);
  });

  it('is swept for when Redis kept the place before', async () => {
    expect(repaired(await term(1, false))).toEqual([0, 0]);
    expect(repaired(await term(2))).toEqual([1, 1]);
    expect(repaired(await term(3, false))).toEqual([0, 0]);
    expect(repaired(await term(4))).toEqual([1, 1]);
  });

  it.each([
    [69, 0],
    [71, 1],
  ])('whose last place is %d hours old is swept for %d times', async (hours, sweeps) => {
    await term(1);
    await world.redis.hSet(key(), 'savedAt', String(Date.now() - hours * HOUR));
    expect(repaired(await term(2))).toEqual([sweeps, sweeps]);
  });

  it('says that it does not obey a checkpoint set by hand, and sweeps for what that could have brought', async () => {
    await term(1);
    await createCheckpoints(world.redis, world.org.sf.orgId).set(ORDERS, '1');
    const one = await term(2);
    expect(repaired(one)).toEqual([1, 1]);
    expect(one.logs.join('')).toContain('set by hand, which a managed subscription does not obey');
    expect(repaired(await term(3))).toEqual([0, 0]);
  });
});
