import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/**
 * The listener's metrics. Labels are topics, kinds and causes: never an id. `observe` is called at each scrape and sets
 * the gauges; `countDeadLetters` asks how many there are.
 */
export function createListenerMetrics(
  registry: Registry,
  { observe, countDeadLetters }: { observe: () => void; countDeadLetters: () => Promise<number> },
) {
  const name = (suffix: string): string => `order_provisioning_listener_${suffix}`;
  const registers = [registry];
  return {
    // The first to be read: what it collects, the others show.
    leader: new Gauge({
      name: name('lease_held'),
      help: '1 while this process holds the lease of the topic, 0 while it stands by',
      labelNames: ['topic'] as const,
      registers,
      collect: observe,
    }),
    events: new Counter({
      name: name('events_total'),
      help: 'Events by topic and by what was decided for provisioning and caches',
      labelNames: ['topic', 'provisioning', 'caches'] as const,
      registers,
    }),
    deadLetters: new Counter({
      name: name('dead_letters_total'),
      help: 'Events that could not be acted upon in full, by topic and by what is kept: whole, described (no room for the payload), counted (no room at all)',
      labelNames: ['topic', 'kept'] as const,
      registers,
    }),
    deadLetterBacklog: new Gauge({
      name: name('dead_letters'),
      help: 'Events that wait for a person now',
      registers,
      async collect() {
        // While Redis is away the last figure stands.
        await countDeadLetters().then(
          (count) => this.set(count),
          () => undefined,
        );
      },
    }),
    lag: new Histogram({
      name: name('lag_seconds'),
      help: 'From the commit in Salesforce until all effects of the event were durable',
      labelNames: ['topic'] as const,
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86_400],
      registers,
    }),
    inFlight: new Gauge({
      name: name('in_flight'),
      help: 'Events taken from the topic whose effects are not all durable yet',
      labelNames: ['topic'] as const,
      registers,
    }),
    backlogAge: new Gauge({
      name: name('backlog_age_seconds'),
      help: 'How long the oldest event in hand has waited for its effects',
      labelNames: ['topic'] as const,
      registers,
    }),
    live: new Gauge({
      name: name('topic_live'),
      help: '1 while the topic is led by this process and its stream stands, or needs none',
      labelNames: ['topic'] as const,
      registers,
    }),
    red: new Gauge({
      name: name('topic_red'),
      help: '1 while the topic cannot be listened to, by cause: schema, credentials, refused, silence, …',
      labelNames: ['topic', 'cause'] as const,
      registers,
    }),
    reconnects: new Counter({
      name: name('reconnects_total'),
      help: 'Streams that ended, by topic and cause',
      labelNames: ['topic', 'cause'] as const,
      registers,
    }),
    commitsRefused: new Counter({
      name: name('commits_refused_total'),
      help: 'Places that Salesforce would not keep for a managed subscription, by topic',
      labelNames: ['topic'] as const,
      registers,
    }),
    logins: new Counter({
      name: name('logins_total'),
      help: 'Logins to Salesforce by outcome: ok, refused, failed',
      labelNames: ['outcome'] as const,
      registers,
    }),
    checkpointAge: new Gauge({
      name: name('checkpoint_age_seconds'),
      help: 'Since the checkpoint of the topic was last written by this process',
      labelNames: ['topic'] as const,
      registers,
    }),
    effects: new Counter({
      name: name('effects_total'),
      help: 'Effects by name and outcome: ok, or failed and to be tried again',
      labelNames: ['effect', 'outcome'] as const,
      registers,
    }),
    sweeps: new Counter({
      name: name('sweeps_total'),
      help: 'Sweeps asked for, by topic',
      labelNames: ['topic'] as const,
      registers,
    }),
  };
}

export type ListenerMetrics = ReturnType<typeof createListenerMetrics>;
