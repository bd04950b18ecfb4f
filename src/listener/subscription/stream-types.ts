import type { ReplayId } from './replay-id';
import type { StreamEnd } from './stream-end';

/** The shapes of one stream: what it needs, what it tells. */

export interface Session {
  accessToken: string;
  instanceUrl: string;
  organizationId: string;
}

export interface StreamTarget {
  /** `host:port`. TLS always. */
  endpoint: string;
  /** Accept a self-signed certificate. */
  insecure: boolean;
  /** E.g. `/data/OrderChangeEvent`; of a managed subscription, its id or developer name. */
  topic: string;
  managed: boolean;
}

/** Where a stream begins. A managed subscription begins where the server says. */
export type StartPoint = 'earliest' | 'latest' | { after: ReplayId };

/** An event as it came over the wire. The payload is Avro and holds whatever the record holds. */
export interface RawEvent {
  replayId: ReplayId;
  eventId: string;
  schemaId: string;
  payload: Buffer;
}

export interface StreamHandlers {
  /** The server has answered: the subscription stands. */
  onAccepted(): void;
  /** Anything came at all. */
  onActivity(): void;
  onEvent(raw: RawEvent, payload: Record<string, unknown>): void;
  /** The schema was there and the event does not fit it. `reason` holds no payload. */
  onUndecodable(raw: RawEvent, reason: string): void;
  /** An empty batch while credit is left: every event up to `latest` has been delivered. */
  onKeepAlive(latest: ReplayId): void;
  /** The server would not keep a position. `reason` is for a person. */
  onCommitRefused(reason: string): void;
  onEnd(end: StreamEnd): void;
}

/** A stream in progress. */
export interface OpenStream {
  /** Asks for `count` more events. */
  request(count: number): void;
  /** Managed subscriptions only: keeps the position on the server. */
  commit(replayId: ReplayId): void;
  /** Whether the connection below the stream stands, as far as this side knows. */
  connected(): boolean;
  /** Cancels the stream on the server and closes its connection. */
  close(): void;
}
