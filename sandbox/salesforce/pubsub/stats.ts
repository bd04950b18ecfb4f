/** What happened on the wire since the start, for tests and the control API. */
export interface PubSubStats {
  /** Open subscription streams by topic. */
  openStreams: Record<string, number>;
  /** Streams ever opened, by topic. */
  streamsOpened: Record<string, number>;
  /** Events sent to subscribers by topic; a repeat counts again, as it does against an org's allocation. */
  eventsDelivered: Record<string, number>;
  /** Those of them that were sent once more by a fault, by topic. */
  eventsRepeated: Record<string, number>;
  /** Events asked for by topic, over all streams. */
  eventsRequested: Record<string, number>;
  keepalives: number;
  getSchemaCalls: number;
  getTopicCalls: number;
  eventsPublished: number;
  /** Calls and streams refused because of their session. */
  sessionsRefused: number;
  /** Failures sent, by code without the common prefix. */
  failures: Record<string, number>;
}

export class StatsCollector {
  readonly #stats: PubSubStats = {
    openStreams: {},
    streamsOpened: {},
    eventsDelivered: {},
    eventsRepeated: {},
    eventsRequested: {},
    keepalives: 0,
    getSchemaCalls: 0,
    getTopicCalls: 0,
    eventsPublished: 0,
    sessionsRefused: 0,
    failures: {},
  };

  /** A copy. */
  read(): PubSubStats {
    return structuredClone(this.#stats);
  }

  count(what: 'keepalives' | 'getSchemaCalls' | 'getTopicCalls' | 'eventsPublished' | 'sessionsRefused', by = 1): void {
    this.#stats[what] += by;
  }

  countBy(
    what: 'openStreams' | 'streamsOpened' | 'eventsDelivered' | 'eventsRepeated' | 'eventsRequested' | 'failures',
    key: string,
    by = 1,
  ): void {
    this.#stats[what][key] = (this.#stats[what][key] ?? 0) + by;
  }
}
