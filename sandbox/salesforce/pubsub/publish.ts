import { randomUUID } from 'node:crypto';
import type { EventBus, Topic } from '../events/bus';
import { toReplayId } from '../events/replay-id';
import type { Faults } from '../faults/faults';
import { PubSubFailure } from './failure';
import type { ProducerEvent, PublishRequest, PublishResponse, PublishResult } from './messages';
import { topicNamed } from './start';
import type { StatsCollector } from './stats';

/** Publishes what a client sends. A wrong event is refused in its result; a wrong request fails the call. */
export class Publisher {
  constructor(
    private readonly bus: EventBus,
    private readonly stats: StatsCollector,
    private readonly faults: Faults,
  ) {}

  /** @throws PubSubFailure when the topic is not one to publish on, or there is no event */
  publish(request: PublishRequest): PublishResponse {
    const topic = topicNamed(this.bus, request.topicName);
    if (topic.kind !== 'platform-event' || this.faults.isForbidden(topic.name)) {
      throw new PubSubFailure('publish.topic.cannot.publish');
    }
    if (request.events.length === 0) throw new PubSubFailure('publish.event.count.invalid');
    return {
      results: request.events.map((event) => this.#one(topic, event)),
      schemaId: this.bus.schemaIdOf(topic),
      rpcId: randomUUID(),
    };
  }

  #one(topic: Topic, event: ProducerEvent): PublishResult {
    const refuse = (msg: string): PublishResult => ({ error: { code: 'PUBLISH', msg }, correlationKey: event.id });
    const schema = this.bus.schemaById(event.schemaId);
    if (!schema || event.schemaId !== this.bus.schemaIdOf(topic)) {
      return refuse(`The schema ${event.schemaId} is not the schema of ${topic.name}.`);
    }
    try {
      schema.type.fromBuffer(event.payload);
    } catch {
      return refuse('The payload does not fit its schema.');
    }
    // "The Publish methods don't enforce the presence of required custom fields": what can be decoded is taken.
    const stored = topic.log.append({ id: event.id || randomUUID(), schemaId: event.schemaId, payload: event.payload });
    this.stats.count('eventsPublished');
    return { replayId: toReplayId(stored.position), correlationKey: event.id };
  }
}
