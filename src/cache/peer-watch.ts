/** What is asked of a node-redis client of one server. */
export interface RedisPeer {
  readonly isReady: boolean;
  ping(): Promise<unknown>;
  destroy(): void;
  connect(): Promise<unknown>;
}

const EVERY_MS = 2_000;
/** So many pings' time without an answer: dead. Counted in ticks, of which a process that was frozen makes one on waking. */
const DEAD_AFTER = 4;

/**
 * Notices a server that vanished without a word (a host that lost power, a firewall that forgot the connection): its connection
 * is closed, `onDead` is told, and it is made anew. The client's own `socketTimeout` does not: each write begins it anew, and
 * the system takes writes for a quarter of an hour before it gives a connection up.
 *
 * `peers` is asked at each turn. The result ends the watch.
 */
export function watchPeers(peers: () => Iterable<RedisPeer>, onDead: (error: Error) => void): () => void {
  const unanswered = new WeakMap<RedisPeer, number>();
  const look = (peer: RedisPeer): void => {
    const ticks = unanswered.get(peer);
    if (!peer.isReady) unanswered.delete(peer);
    else if (ticks === undefined) {
      unanswered.set(peer, 1);
      const answered = (): void => void unanswered.delete(peer);
      peer.ping().then(answered, answered);
    } else if (ticks < DEAD_AFTER) unanswered.set(peer, ticks + 1);
    else {
      unanswered.delete(peer);
      onDead(new Error(`Redis has not answered for ${(DEAD_AFTER * EVERY_MS) / 1000} s; its connection is made anew`));
      peer.destroy();
      // Rejects only when it is destroyed before it connects; every other fault is an event of the client.
      peer.connect().catch(() => undefined);
    }
  };
  const timer = setInterval(() => {
    for (const peer of peers()) look(peer);
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
