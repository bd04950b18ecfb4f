import type { Strikes } from './strike';

type Kind =
  'cut' | 'stall' | 'slow' | 'temporal-killed' | 'temporal-lost' | 'redis-killed' | 'redis-emptied' | 'redis-read-only';

export const serverFaults: Strikes<Kind> = {
  cut: async ({ link }, { world: { links } }) => {
    await links[link].cut();
    return { heal: () => links[link].heal() };
  },
  stall: async ({ link }, { world: { links } }) => {
    await links[link].stall();
    return { heal: () => links[link].heal() };
  },
  slow: async ({ link, ms }, { world: { links } }) => {
    await links[link].slow(ms);
    return { heal: () => links[link].heal() };
  },
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
    await world.look(({ redis }) => redis.flushAll());
    return {};
  },
  // As a replica is whose master cannot be reached: reads go on, writes are refused with READONLY.
  'redis-read-only': async (_fault, { world }) => {
    await world.look(({ redis }) => redis.sendCommand(['REPLICAOF', '127.0.0.1', '1']));
    return {
      heal: () =>
        world.look(async ({ redis }) => {
          await redis.sendCommand(['REPLICAOF', 'NO', 'ONE']);
        }),
    };
  },
};
