import type { EventBus, Topic } from '../events/bus';
import { fromReplayId } from '../events/replay-id';
import { PubSubFailure } from './failure';

/**
 * The position after which a new subscription begins.
 * @throws PubSubFailure `replayid.validation.failed` for CUSTOM without a replay id, `replayid.corrupted` for one that
 * is malformed, expired or of another topic (Pub/Sub API guide, "Handle Errors")
 */
export function startOf(topic: Topic, preset: 'LATEST' | 'EARLIEST' | 'CUSTOM', replayId: Buffer): bigint {
  switch (preset) {
    case 'LATEST':
      return topic.log.tip;
    case 'EARLIEST':
      return topic.log.beginning;
    case 'CUSTOM': {
      if (replayId.length === 0) throw new PubSubFailure('subscription.fetch.replayid.validation.failed');
      const position = fromReplayId(replayId);
      if (position === undefined || !topic.log.knows(position)) {
        throw new PubSubFailure('subscription.fetch.replayid.corrupted');
      }
      return position;
    }
  }
}

/** @throws PubSubFailure `topic.validation.empty` or `topic.not.found` */
export function topicNamed(bus: EventBus, name: string): Topic {
  if (name === '') throw new PubSubFailure('topic.validation.empty');
  const topic = bus.topics.get(name);
  if (!topic) throw new PubSubFailure('topic.not.found');
  return topic;
}
