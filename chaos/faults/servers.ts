import type { LinkName } from '../plan';
import type { Link } from '../toxiproxy';
import type { Stage, Strikes, Struck } from './strike';

type Kind =
  'cut' | 'stall' | 'slow' | 'temporal-killed' | 'temporal-lost' | 'redis-killed' | 'redis-emptied' | 'redis-read-only';

export const serverFaults: Strikes<Kind> = {
  cut: onLink((link) => link.cut()),
  stall: onLink((link) => link.stall()),
  slow: onLink((link, { ms }) => link.slow(ms)),
  'temporal-killed': async (_fault, { world: { servers } }) => {
    await servers.killTemporal();
    return { heal: () => servers.startTemporal() };
  },
  'temporal-lost': async (_fault, { world: { servers } }) => {
    await servers.loseTemporal();
    return { heal: () => servers.startTemporal() };
  },
  'redis-killed': async (_fault, { world: { servers } }) => {
    await servers.killRedis();
    return { heal: () => servers.startRedis() };
  },
  'redis-emptied': async (_fault, { world }) => {
    await world.inRedis((redis) => redis.flushAll());
    return {};
  },
  // As a replica is whose master cannot be reached: reads go on, writes are refused with READONLY.
  'redis-read-only': async (_fault, { world }) => {
    const follow = (...master: string[]) => world.inRedis((redis) => redis.sendCommand(['REPLICAOF', ...master]));
    await follow('127.0.0.1', '1');
    return { heal: () => follow('NO', 'ONE') };
  },
};

function onLink<F extends { link: LinkName }>(
  spoil: (link: Link, fault: F) => Promise<void>,
): (fault: F, stage: Stage) => Promise<Struck> {
  return async (fault, { world: { links } }) => {
    const link = links[fault.link];
    await spoil(link, fault);
    return { heal: () => link.heal() };
  };
}
