import { createClient } from 'redis';

/** What keeps a connection and says nothing of the work. */
const UPKEEP = new Set(['hello', 'client', 'ping', 'info', 'monitor', 'select', 'auth']);

/** Counts the commands that clients send to a Redis; what a script calls within Redis counts as its one command. */
export interface RedisCommands {
  /** Commands seen so far, without those that only keep a connection. */
  count(): number;
  close(): void;
}

/** Watches by MONITOR, which names the origin of each command and `lua` for those of scripts. */
export async function watchRedisCommands(url: string): Promise<RedisCommands> {
  const client = createClient({ url });
  client.on('error', () => undefined);
  await client.connect();
  let count = 0;
  await client.monitor((line) => {
    const seen = /^\S+ \[\d+ (\S+)\] "([^"]+)"/.exec(line);
    if (seen === null || seen[1] === 'lua' || UPKEEP.has((seen[2] ?? '').toLowerCase())) return;
    count += 1;
  });
  return { count: () => count, close: () => client.destroy() };
}
