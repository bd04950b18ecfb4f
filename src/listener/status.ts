import type { SubscriptionMode } from './subscription';

/** How a topic stands in this process. */
export interface TopicStatus {
  topic: string;
  role: 'leader' | 'standby';
  state: 'standby' | SubscriptionMode;
  /** Why it is not as it should be, for a person. */
  reason?: string;
}

/** What `/readyz` tells. */
export interface ListenerStatus {
  ready: boolean;
  /** `leader` of at least one topic, or `standby` for all. A standby is ready. */
  role: 'leader' | 'standby';
  topics: TopicStatus[];
  /** Why it is not ready; empty where it is. */
  reasons: string[];
}

/** Starved is no fault by itself: the backlog's age tells when it lasts too long. */
const SOUND: readonly TopicStatus['state'][] = ['standby', 'live', 'starved'];

/** The whole from its parts: ready only where every topic is as it should be. `reason` is one that concerns all topics. */
export function statusOf(topics: TopicStatus[], reason?: string): ListenerStatus {
  const reasons = topics
    .filter((topic) => topic.reason !== undefined || !SOUND.includes(topic.state))
    .map((topic) => `${topic.topic}: ${topic.reason ?? topic.state}`);
  if (reason !== undefined) reasons.unshift(reason);
  const role = topics.some((topic) => topic.role === 'leader') ? 'leader' : 'standby';
  return { ready: reasons.length === 0, role, topics, reasons };
}
