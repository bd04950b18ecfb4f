import type { RawEvent } from './stream-types';
import type { ReplayId } from './replay-id';

interface Acknowledged {
  /** Monotonic, ms. */
  receivedAt: number;
  /** Says that the effects are durable. Frees the credit and lets the position pass. Idempotent. */
  ack(): void;
}

/** What a subscription delivers, in the order of the stream. Each must be acknowledged. */
export type Delivery = Acknowledged &
  (
    | { kind: 'event'; raw: RawEvent; payload: Record<string, unknown> }
    /** The schema was there and the event does not fit it. */
    | { kind: 'undecodable'; raw: RawEvent; reason: string }
    /**
     * The server does not know the replay id any more: events may be lost. Once this is acknowledged, and not before,
     * the subscription goes on from the earliest event there is.
     */
    | { kind: 'position-lost'; lost: ReplayId; reason: string }
  );

/** Distributes over the union, so that each kind keeps its own shape. */
export type Undelivered = Delivery extends infer D
  ? D extends Acknowledged
    ? Omit<D, keyof Acknowledged>
    : never
  : never;
