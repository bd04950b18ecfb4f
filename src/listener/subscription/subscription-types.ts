import type { Backoff } from '../backoff';
import type { Delivery } from './delivery';
import type { LoginGate } from './login-gate';
import type { ReplayId } from './replay-id';
import type { EndCause, StreamEnd } from './stream-end';
import type { StartPoint, StreamTarget } from './stream-types';

export type SubscriptionMode = 'connecting' | 'live' | 'starved' | 'waiting' | 'position-lost' | 'closed';

export interface SubscriptionState {
  mode: SubscriptionMode;
  /** Why it is not live, for a person. */
  reason?: string;
  cause?: EndCause;
  /** When anything last came from the server, or the stream was begun, monotonic ms. */
  lastActivity: number | undefined;
  /** When the oldest event that is not done was taken, monotonic ms. */
  oldest: number | undefined;
  inFlight: number;
}

export interface SubscriptionOptions {
  target: StreamTarget;
  gate: LoginGate;
  from: StartPoint;
  /** How many events may be ahead of their effects: 1 to 100. */
  window: number;
  /** A stream silent for longer is dead, ms. */
  silenceLimitMs: number;
  backoff: Backoff;
  /** The wait after an end that a person must mend, ms. */
  refusedRetryMs: number;
  /**
   * Keeps the position durably; it grows. Retried until it succeeds. Where it rejects with what `final` accepts
   * (somebody else owns the position now), the subscription closes with that error.
   */
  save: (position: ReplayId) => Promise<void>;
  final: (error: unknown) => boolean;
  /**
   * How long a position waits for what else is in hand to be saved with it, ms: to save each alone costs more than its event. It
   * does not wait where nothing is, nor once a tenth of the window would be saved by it.
   */
  gatherMs: number;
  onEnd?: (end: StreamEnd) => void;
  onSaveFailed?: (error: unknown) => void;
  /** Managed subscriptions only: the server would not keep a position that was committed. */
  onCommitRefused?: (reason: string) => void;
}

export interface Subscription {
  /**
   * Calls `take` for each delivery, in the order of the stream, as soon as it comes; it throws nothing. Resolves when no more will come.
   * To be called once. @throws what `save` was refused with, see `final`
   */
  each(take: (delivery: Delivery) => void): Promise<void>;
  state(): SubscriptionState;
  /** Takes no further event; those already taken are still handed on. */
  drain(): void;
  /** Ends at once. Resolves when the stream is gone and nothing more will be saved. */
  close(): Promise<void>;
  /** Resolves when all that was taken is acknowledged and its position saved. */
  idle(): Promise<void>;
}
