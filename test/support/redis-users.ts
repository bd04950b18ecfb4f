import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from 'redis';

const GUIDE = join(__dirname, '..', '..', 'docs', 'redis-acl.md');

/** What only a Redis Cluster is asked for. */
const CLUSTER_RULES = /^\+(?:cluster\|slots|asking)$/;

/** The users that docs/redis-acl.md tells an operator to make: name, and the words after it. For one server without what a cluster needs. */
export function documentedUsers({ cluster }: { cluster: boolean }): Map<string, string[]> {
  const lines = readFileSync(GUIDE, 'utf8').matchAll(/^ACL SETUSER (order-\w+) (.+)$/gm);
  const users = new Map<string, string[]>();
  // A further line of a user adds to the first.
  for (const [, name = '', rules = ''] of lines) {
    const wanted = rules.split(' ').filter((rule) => cluster || !CLUSTER_RULES.test(rule));
    users.set(name, [...(users.get(name) ?? []), ...wanted]);
  }
  return users;
}

export interface RedisUsers {
  /** `redis://…` as that user; of a cluster, at its first node. */
  url(name: string): string;
  /** What Redis refused to whom since it was started, as `user command|key thing`. */
  refused(): Promise<string[]>;
  /** One command as that user. */
  command(name: string, command: string[]): Promise<unknown>;
  /** Changes a user at once, connections that are open included: `-eval` takes a right, `+eval` gives it. */
  take(name: string, rule: string): Promise<void>;
  close(): void;
}

/**
 * Makes the documented users on a Redis, or on each node of a cluster, which shares no users.
 * @param adminUrls of one server, or of all nodes
 */
export async function makeUsers(...adminUrls: string[]): Promise<RedisUsers> {
  const admins = await Promise.all(adminUrls.map(connected));
  const everywhere = (...command: string[]): Promise<unknown> =>
    Promise.all(admins.map((admin) => admin.sendCommand(command)));
  for (const [name, documented] of documentedUsers({ cluster: adminUrls.length > 1 })) {
    const rules = documented.map((rule) => rule.replace('PASSWORD', passwordOf(name)));
    await everywhere('ACL', 'SETUSER', name, ...rules);
  }
  const { host } = new URL(adminUrls[0] ?? '');
  const url = (name: string): string => `redis://${name}:${passwordOf(name)}@${host}`;
  return {
    url,
    command: async (name, command) => {
      const client = await connected(url(name));
      try {
        return await client.sendCommand(command);
      } finally {
        client.destroy();
      }
    },
    take: async (name, rule) => {
      await everywhere('ACL', 'SETUSER', name, rule);
    },
    refused: async () => {
      const logs = await Promise.all(admins.map((admin) => admin.aclLog(100)));
      return logs.flat().map(({ username, reason, object }) => `${username} ${reason} ${object}`);
    },
    close: () => admins.forEach((admin) => admin.destroy()),
  };
}

async function connected(url: string) {
  const client = createClient({ url });
  await client.connect();
  return client;
}

/** Marked, so that it can be looked for. */
export const passwordOf = (name: string): string => `redis-password-of-${name}`;
