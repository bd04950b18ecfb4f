import type { late } from './late';

type Pubsub = ReturnType<ReturnType<typeof late.config>['loadCliConfig']['pubsub']>;

/** The topics that the environment names, each once: a channel that carries several objects is one topic. */
export function topicNames(channels: Readonly<Record<string, string | undefined>>): string[] {
  return [...new Set(Object.values(channels).filter((topic) => topic !== undefined))];
}

/** The managed subscription by which the topic is listened to, if it is: Salesforce then keeps its place. */
export function managedSubscription({ channels, managedSubscriptions }: Pubsub, topic: string): string | undefined {
  const names = Object.keys(channels) as (keyof typeof channels)[];
  return names.filter((name) => channels[name] === topic).map((name) => managedSubscriptions[name])[0];
}
