import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from 'redis';

const GUIDE = join(__dirname, '..', '..', 'docs', 'redis-acl.md');

/** The users that docs/redis-acl.md tells an operator to make: name, and the words after it. */
export function documentedUsers(): Map<string, string[]> {
  const lines = readFileSync(GUIDE, 'utf8').matchAll(/^ACL SETUSER (order-\w+) (.+)$/gm);
  const users = new Map<string, string[]>();
  // A further line of a user adds to the first.
  for (const [, name = '', rules = ''] of lines) users.set(name, [...(users.get(name) ?? []), ...rules.split(' ')]);
  return users;
}

export interface RedisUsers {
  /** `redis://…` as that user. */
  url(name: string): string;
  /** What Redis refused to whom since it was started, as `user command|key thing`. */
  refused(): Promise<string[]>;
  /** One command as that user. */
  command(name: string, command: string[]): Promise<unknown>;
  /** Changes a user at once, connections that are open included: `-eval` takes a right, `+eval` gives it. */
  take(name: string, rule: string): Promise<void>;
  close(): void;
}

/** Makes the documented users on a Redis. */
export async function makeUsers(adminUrl: string): Promise<RedisUsers> {
  const admin = createClient({ url: adminUrl });
  await admin.connect();
  const { host } = new URL(adminUrl);
  for (const [name, documented] of documentedUsers()) {
    const rules = documented.map((rule) => rule.replace('PASSWORD', passwordOf(name)));
    await admin.sendCommand(['ACL', 'SETUSER', name, ...rules]);
  }
  const url = (name: string): string => `redis://${name}:${passwordOf(name)}@${host}`;
  return {
    url,
    command: async (name, command) => {
      const client = createClient({ url: url(name) });
      await client.connect();
      try {
        return await client.sendCommand(command);
      } finally {
        client.destroy();
      }
    },
    take: async (name, rule) => {
      await admin.sendCommand(['ACL', 'SETUSER', name, rule]);
    },
    refused: async () => {
      const entries = await admin.aclLog(100);
      return entries.map(({ username, reason, object }) => `${username} ${reason} ${object}`);
    },
    close: () => admin.destroy(),
  };
}

/** Marked, so that it can be looked for. */
export const passwordOf = (name: string): string => `redis-password-of-${name}`;
