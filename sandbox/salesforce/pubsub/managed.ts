import type { Clock } from '../clock';
import type { EventBus, Topic } from '../events/bus';
import { fromReplayId } from '../events/replay-id';
import type { ManagedSubscriptionConfig, SalesforceSchema } from '../schema/schema';
import { IdSequence, normaliseId } from '../store/ids';
import { PubSubFailure } from './failure';
import type { CommitReplayResponse } from './messages';
import { startOf, topicNamed } from './start';

/** A managed event subscription as the Tooling API shows it. */
export interface ManagedSubscription {
  Id: string;
  DeveloperName: string;
  Metadata: ManagedSubscriptionConfig & { label: string };
}

interface Entry extends ManagedSubscription {
  committed: bigint | undefined;
  active: boolean;
}

/** Managed event subscriptions: their configuration, and the replay id each has committed (ManagedSubscribe RPC page). */
export class ManagedSubscriptions {
  readonly #entries: Entry[];

  constructor(
    schema: SalesforceSchema,
    private readonly bus: EventBus,
    private readonly clock: Clock,
  ) {
    const ids = new IdSequence();
    this.#entries = Object.entries(schema.managedSubscriptions).map(([name, config]) => ({
      Id: ids.next('18x'),
      DeveloperName: name,
      Metadata: { ...config, label: config.label ?? name },
      committed: undefined,
      active: false,
    }));
  }

  /** For the Tooling API. */
  list(): ManagedSubscription[] {
    return this.#entries.map(({ Id, DeveloperName, Metadata }) => ({ Id, DeveloperName, Metadata }));
  }

  /** The position that was committed last, in decimal. */
  committed(developerName: string): string | undefined {
    return this.#entries.find((entry) => entry.DeveloperName === developerName)?.committed?.toString();
  }

  /** Opens one for a stream; `release` frees it for the next. @throws PubSubFailure */
  open(
    subscriptionId: string,
    developerName: string,
  ): { topic: Topic; after: bigint; key: string; release: () => void } {
    if ((subscriptionId === '') === (developerName === '')) {
      throw new PubSubFailure('managed.subscription.id.or.developer.name.empty');
    }
    const entry = this.#entries.find(
      ({ Id, DeveloperName }) => Id === normaliseId(subscriptionId) || DeveloperName === developerName,
    );
    if (!entry) {
      throw new PubSubFailure(
        developerName === ''
          ? 'managed.subscription.subscription.id.not.found'
          : 'managed.subscription.developer.name.not.found',
      );
    }
    if (entry.Metadata.state === 'STOP') throw new PubSubFailure('managed.subscription.config.stopped');
    if (entry.active) throw new PubSubFailure('managed.subscription.already.active');
    const topic = topicNamed(this.bus, entry.Metadata.topicName);
    const after = this.#start(entry, topic);
    entry.active = true;
    return { topic, after, key: entry.Id, release: () => (entry.active = false) };
  }

  /** Commit failures come in the answer and do not end the stream. */
  commit(
    key: string,
    request: { commitRequestId: string; replayId: Buffer },
    topic: Topic,
    delivered: bigint,
  ): CommitReplayResponse {
    const entry = this.#entries.find(({ Id }) => Id === key)!;
    const { commitRequestId, replayId } = request;
    const answer = { commitRequestId, replayId, processTime: this.clock.now() };
    const refuse = (msg: string): CommitReplayResponse => ({ ...answer, error: { code: 'COMMIT', msg } });
    if (replayId.length === 0) return refuse('The replay ID of the commit request is missing.');
    const position = fromReplayId(replayId);
    if (position === undefined || !topic.log.knows(position)) {
      return refuse('The replay ID of the commit request is not valid or is outside the retention window.');
    }
    if (position > delivered) return refuse('The event of the commit request was not delivered yet.');
    if (entry.committed !== undefined && position < entry.committed) {
      return refuse('The replay ID of the commit request is older than the committed one.');
    }
    entry.committed = position;
    return answer;
  }

  #start(entry: Entry, topic: Topic): bigint {
    if (entry.committed === undefined) return startOf(topic, entry.Metadata.defaultReplay, Buffer.alloc(0));
    // A committed position that has fallen out of retention is what errorRecoveryReplay is for.
    return topic.log.knows(entry.committed)
      ? entry.committed
      : startOf(topic, entry.Metadata.errorRecoveryReplay, Buffer.alloc(0));
  }
}
