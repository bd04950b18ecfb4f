import { Claims, type Resource } from '../../chaos/claims';

const never = new AbortController().signal;

/** Takes, and tells in `log` when it has got it. */
function take(claims: Claims, log: string[], name: string, ...what: Resource[]): Promise<() => void> {
  const taken = claims.take(what, never);
  void taken.then(() => log.push(name));
  return taken;
}

/** Lets every promise that is settled be heard of. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('what faults take hold of', () => {
  it('is held by one at a time, in the order of asking; what nobody else asks for is free at once', async () => {
    const claims = new Claims();
    const log: string[] = [];
    const release = await take(claims, log, 'first', 'redis');
    const all = take(claims, log, 'all', 'redis', 'temporal', 'portal');
    void take(claims, log, 'after all', 'temporal');
    void take(claims, log, 'another', 'whmcs');
    await settle();
    expect(log).toEqual(['first', 'another']);
    release();
    (await all)();
    await settle();
    expect(log).toEqual(['first', 'another', 'all', 'after all']);
  });

  it('is waited for until the round is over, and then left to the next', async () => {
    const claims = new Claims();
    const log: string[] = [];
    const release = await take(claims, log, 'first', 'redis');
    const over = new AbortController();
    const waiting = claims.take(['redis', 'temporal'], over.signal);
    void take(claims, log, 'behind it', 'temporal');
    over.abort(new Error('over'));
    await expect(waiting).rejects.toThrow('over');
    await settle();
    expect(log).toEqual(['first', 'behind it']);
    release();
    await expect(claims.take(['redis'], over.signal)).rejects.toThrow('over');
    void take(claims, log, 'last', 'redis');
    await settle();
    expect(log).toContain('last');
  });
});
