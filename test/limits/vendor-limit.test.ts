import { createClient } from 'redis';
import { createVendorLimit, type Admit, type VendorLimitOptions } from '../../src/limits/vendor-limit';
import { eventually } from '../support/eventually';
import { PrivateRedis } from '../support/private-redis';
import { redisUrl, uniqueName } from '../support/servers';

const connectTo = async (url: string) => {
  const redis = createClient({ url, disableOfflineQueue: true });
  redis.on('error', () => undefined);
  await redis.connect();
  return redis;
};

/** Calls that are told when to end, and how many of them were open at once. */
class Calls {
  most = 0;
  made = 0;
  private readonly open = new Set<() => void>();

  readonly call = (): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        this.open.delete(end);
        resolve();
      };
      this.open.add(end);
      this.made += 1;
      this.most = Math.max(this.most, this.open.size);
    });

  get now(): number {
    return this.open.size;
  }

  endOne(): void {
    const [end] = this.open;
    end?.();
  }
}

describe('a limit of calls over several processes', () => {
  const clients: { destroy(): void }[] = [];
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
  });

  /** As many limits as there would be processes, each with a connection of its own. */
  async function limits(count: number, options: Partial<VendorLimitOptions>): Promise<Admit[]> {
    const prefix = uniqueName('limit');
    const url = await redisUrl();
    return Promise.all(
      Array.from({ length: count }, async () => {
        const redis = await connectTo(url);
        clients.push(redis);
        return createVendorLimit({ vendor: 'whmcs', redis, leaseMs: 60_000, waitMs: 60_000, prefix, ...options });
      }),
    );
  }

  it('never lets more through at once than it may, and lets all through', async () => {
    const calls = new Calls();
    const admits = await limits(2, { maxConcurrent: 3 });
    const all = Promise.all(Array.from({ length: 20 }, (_, i) => admits[i % 2]!(calls.call, '')));
    await eventually(() => expect(calls.now).toBe(3));
    while (calls.made < 20 || calls.now > 0) {
      calls.endOne();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await all;
    expect(calls.most).toBe(3);
  });

  it('frees the slots of a process that was killed once their lease is over', async () => {
    const calls = new Calls();
    const [killed, other] = await limits(2, { maxConcurrent: 1, leaseMs: 300 });
    void killed!(calls.call, '');
    await eventually(() => expect(calls.now).toBe(1));
    void other!(calls.call, '');
    await eventually(() => expect(calls.now).toBe(2));
  });

  it('refuses a call whose turn does not come in time, before anything is sent', async () => {
    const calls = new Calls();
    const [first, second] = await limits(2, { maxConcurrent: 1, waitMs: 200 });
    const held = first!(calls.call, '');
    await eventually(() => expect(calls.now).toBe(1));
    for (const admit of [first!, second!]) {
      await expect(admit(calls.call, 'for AddOrder for order 801')).rejects.toMatchObject({
        code: 'CALL_LIMIT_REACHED',
        kind: 'retryable',
        message: 'No call to WHMCS was free within 0.2 s for AddOrder for order 801',
      });
    }
    expect(calls.made).toBe(1);
    calls.endOne();
    await held;
    // The refused ones hold no place.
    const next = second!(calls.call, '');
    await eventually(() => expect(calls.now).toBe(1));
    calls.endOne();
    await next;
  });

  it('begins so many calls a second, over all', async () => {
    const admits = await limits(2, { maxPerSecond: 2 });
    const begun = performance.now();
    await Promise.all(Array.from({ length: 6 }, (_, i) => admits[i % 2]!(() => Promise.resolve(), '')));
    // Three windows of a second: two have passed before the last call begins. Redis counts whole milliseconds.
    expect(performance.now() - begun).toBeGreaterThan(1_950);
  });

  it('goes on without Redis, each process under its own limit', async () => {
    const server = await PrivateRedis.start();
    const redis = await connectTo(server.url);
    clients.push(redis);
    const alone: unknown[] = [];
    const admit = createVendorLimit({
      vendor: 'whmcs',
      redis,
      leaseMs: 60_000,
      maxConcurrent: 2,
      maxPerSecond: 100,
      onAlone: (error) => alone.push(error),
    });
    await server.stop();
    const calls = new Calls();
    const all = Promise.all(Array.from({ length: 4 }, () => admit(calls.call, '')));
    while (calls.made < 4 || calls.now > 0) {
      if (calls.now === 2 || calls.made === 4) calls.endOne();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await all;
    expect(calls.most).toBe(2);
    expect(alone).not.toEqual([]);
  });
});
