import type { LinkName } from '../plan';
import type { Link } from '../toxiproxy';
import { seen, until, type Stage, type Strikes, type Struck } from './strike';

type Kind =
  | ('cut' | 'stall' | 'slow')
  | ('temporal-killed' | 'temporal-frozen' | 'temporal-lost')
  | ('redis-killed' | 'redis-frozen' | 'redis-emptied' | 'redis-read-only');

export const serverFaults: Strikes<Kind> = {
  cut: onLink((link) => link.cut()),
  stall: onLink((link) => link.stall()),
  slow: onLink((link, { ms }) => link.slow(ms)),
  'temporal-killed': async ({ times }, { world: { servers } }) => {
    const pids = [await servers.temporal.kill()];
    while (pids.length < times) {
      await servers.temporal.start();
      pids.push(await servers.temporal.kill());
    }
    return { heal: () => servers.temporal.start(), ...signalled(...pids) };
  },
  'temporal-frozen': async (_fault, { world: { servers } }) => {
    const pid = await servers.temporal.freeze();
    return { heal: () => servers.temporal.thaw(), ...signalled(pid) };
  },
  'temporal-lost': async (_fault, { world }) => {
    const pid = await world.servers.loseTemporal();
    const heal = async (): Promise<void> => {
      await world.servers.temporal.start();
      await world.makeCurrent();
    };
    return { heal, ...signalled(pid) };
  },
  'redis-killed': async (_fault, { world: { servers } }) => {
    const pid = await servers.redis.kill();
    return { heal: () => servers.redis.start(), ...signalled(pid) };
  },
  'redis-frozen': async (_fault, { world: { servers } }) => {
    const pid = await servers.redis.freeze();
    return { heal: () => servers.redis.thaw(), ...signalled(pid) };
  },
  'redis-emptied': async (_fault, { world, signal }) => {
    let keys = 0;
    await until(async () => (keys = await world.inRedis((redis) => redis.dbSize())) > 0, signal);
    await world.inRedis((redis) => redis.flushAll());
    return seen(`${keys} keys`);
  },
  // As a replica is whose master cannot be reached: reads go on, writes are refused with READONLY.
  'redis-read-only': async (_fault, { world }) => {
    const follow = (...master: string[]) => world.inRedis((redis) => redis.sendCommand(['REPLICAOF', ...master]));
    await follow('127.0.0.1', '1');
    const refusal = await world.inRedis((redis) => redis.set('chaos', 'x').catch(String));
    return {
      heal: () => follow('NO', 'ONE'),
      evidence: () => (refusal?.includes('READONLY') === true ? refusal : undefined),
    };
  },
};

/** A server that was down already has not been struck. */
function signalled(...pids: (number | undefined)[]): Pick<Struck, 'evidence'> {
  return { evidence: () => (pids.includes(undefined) ? undefined : `process ${pids.join(', then ')}`) };
}

/** A link is spoilt while somebody uses it: what nobody misses is no fault. */
function onLink<F extends { link: LinkName }>(
  spoil: (link: Link, fault: F) => Promise<void>,
): (fault: F, stage: Stage) => Promise<Struck> {
  return async (fault, { world: { links }, signal }) => {
    const link = links[fault.link];
    const before = link.use.accepted;
    await until(() => link.use.open > 0 || link.use.accepted > before, signal);
    const met = link.use.open + link.use.accepted - before;
    const accepted = link.use.accepted;
    await spoil(link, fault);
    let later = 0;
    return {
      heal: async () => {
        later = link.use.accepted - accepted;
        await link.heal();
      },
      evidence: () => `${met} connections, and ${later} that were opened meanwhile`,
    };
  };
}
