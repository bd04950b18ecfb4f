import type { ListenerChannels, ListenerConfig } from './config';
import type { TopicKind } from './decode';

export interface ListenedTopic {
  topic: string;
  kind: TopicKind;
  /** Id or developer name of the managed subscription that stands for it. */
  managed: string | undefined;
  /** Whether order changes come by it: which mode provisions is remembered there. */
  isOrders: boolean;
}

/** The topics to listen to, the one of orders first. A channel that carries several objects (`/data/Orders__chn`) may be named more than once and is one topic. */
export function topicsOf({ channels, managedSubscriptions = {} }: ListenerConfig): ListenedTopic[] {
  const topics = new Map<string, ListenedTopic>();
  for (const name of ['order', 'orderItem', 'product', 'pricebookEntry', 'provisionEvent'] as const) {
    const topic = channels[name];
    if (topic === undefined || topics.has(topic)) continue;
    topics.set(topic, {
      topic,
      kind: kindOf(name),
      managed: managedSubscriptions[name],
      isOrders: name === 'order',
    });
  }
  return [...topics.values()];
}

function kindOf(name: keyof ListenerChannels): TopicKind {
  return name === 'provisionEvent' ? 'fulfilment-requests' : 'change-events';
}
