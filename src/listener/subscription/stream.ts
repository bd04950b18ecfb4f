import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type PubSubApiClient from 'salesforce-pubsub-api-client';
import { safeText } from '../../domain/safe-text';
import { ANY_REPLAY_ID, createClient, ignore, keepOutOfLogs, ReadableEvent } from './client';
import { serviceOf, tameSchemaRequests, type PubSubService, type RawMessage, type RawStream } from './grpc-service';
import { bytesOfReplayId, replayIdOfBytes, type ReplayId } from './replay-id';
import { endOfStatus, type GrpcStatus, type StreamEnd } from './stream-end';
import type { OpenStream, RawEvent, Session, StartPoint, StreamHandlers, StreamTarget } from './stream-types';

/**
 * One stream of one topic: a client of its own, opened once, ended once, never resumed.
 *
 * Life: opening -> accepted (the server answered) -> ended. Messages are handed to the client's decoder one after another, so
 * that none overtakes while a schema is fetched; each event comes out once, in order, with its exact replay id, decoded or
 * not. `onEnd` is called exactly once, after the last event, unless `close()` came first: then nothing is called any more.
 */

/** `connectivityState.READY` of gRPC. */
const CHANNEL_READY = 2;

/**
 * So many events of a message are decoded at a time. Half of the largest message: credit for the first is asked for while the
 * last are decoded, so that the server need not wait. Smaller portions save a place and ask for credit more often, and each
 * costs a message to Redis and one to Salesforce.
 */
const PORTION = 50;

const NO_BYTES = new Uint8Array();

interface FetchRequest {
  subscriptionId?: string;
  replayId?: Buffer | undefined;
}

interface ClientEvent {
  payload: Record<string, unknown>;
}

class TopicStream implements OpenStream {
  readonly #target: StreamTarget;
  readonly #handlers: StreamHandlers;
  readonly #client: PubSubApiClient;
  #service: PubSubService | undefined;
  #stream: RawStream | undefined;
  #decode: ((message: RawMessage) => unknown) | undefined;
  /** Message after message: each is decoded when the one before is done. */
  #chain: Promise<void> = Promise.resolve();
  /** The events of the message that the client decodes now, and how many it has answered. */
  #inHand: RawEvent[] = [];
  #answered = 0;
  #ended = false;
  /** Where to begin: exact bytes, which the client would have as a Number. */
  #after: Buffer | undefined;
  /** Of a managed subscription: as the client found it by name. */
  #managedId: string | undefined;

  constructor(target: StreamTarget, session: Session, handlers: StreamHandlers) {
    this.#target = target;
    this.#handlers = handlers;
    this.#client = createClient(target, session);
  }

  async open(from: StartPoint, credit: number): Promise<void> {
    await this.#client.connect();
    const service = serviceOf(this.#client);
    this.#service = service;
    tameSchemaRequests(service);
    this.#watch(service);
    const { topic, managed } = this.#target;
    const callback = (_info: unknown, type: string, data?: unknown): void => this.#onAnswer(type, data);
    if (managed) await this.#client.subscribeWithManagedSubscription(topic, callback, credit);
    else if (from === 'latest') this.#client.subscribe(topic, callback, credit);
    else if (from === 'earliest') this.#client.subscribeFromEarliestEvent(topic, callback, credit);
    else {
      this.#after = bytesOfReplayId(from.after);
      this.#client.subscribeFromReplayId(topic, callback, credit, 0);
    }
    this.#takeOver();
  }

  request(count: number): void {
    const { topic, managed } = this.#target;
    try {
      if (!managed) this.#client.requestAdditionalEvents(topic, count);
      else if (this.#managedId !== undefined) this.#client.requestAdditionalManagedEvents(this.#managedId, count);
    } catch {
      // The stream has just ended; `onEnd` tells why.
    }
  }

  commit(replayId: ReplayId): void {
    if (this.#managedId === undefined || this.#stream === undefined) throw new Error('no managed subscription is open');
    const commitReplayIdRequest = { commitRequestId: randomUUID(), replayId: bytesOfReplayId(replayId) };
    this.#stream.write({ subscriptionId: this.#managedId, commitReplayIdRequest });
  }

  connected(): boolean {
    return !this.#ended && this.#service?.getChannel().getConnectivityState(false) === CHANNEL_READY;
  }

  close(): void {
    this.#ended = true;
    // Its listeners go with it, so that the sink must come after; and the stream must be cancelled by hand.
    this.#client.close();
    this.#stream?.on('error', ignore);
    this.#stream?.cancel();
  }

  /** Learns the stream when the client opens it. */
  #watch(service: PubSubService): void {
    for (const method of ['Subscribe', 'ManagedSubscribe'] as const) {
      const open = service[method].bind(service);
      service[method] = (...args) => {
        const stream = open(...args);
        this.#stream = stream;
        const write = stream.write.bind(stream) as (request: FetchRequest) => boolean;
        stream.write = (request: FetchRequest) => {
          this.#managedId ??= request.subscriptionId;
          return write(request.replayId === undefined ? request : { ...request, replayId: this.#after });
        };
        return stream;
      };
    }
  }

  /** Replaces the client's listeners by ours; its decoder is called by us, one message at a time. */
  #takeOver(): void {
    const stream = this.#stream;
    const decode = stream?.listeners('data')[0];
    if (stream === undefined || decode === undefined) throw new Error('the client opened no stream');
    this.#decode = decode as (message: RawMessage) => unknown;
    // Closed while it was being opened.
    if (this.#ended) {
      this.close();
      return;
    }
    stream.removeAllListeners();
    stream.on('error', ignore); // `status` follows and says the same.
    stream.on('metadata', () => this.#accepted());
    stream.on('data', (message: RawMessage) => {
      this.#accepted();
      this.#chain = this.#chain.then(() => this.#onMessage(message));
    });
    stream.on('status', (status: GrpcStatus) => {
      // What came before the end is still delivered.
      this.#chain = this.#chain.then(() => this.#end(endOfStatus(status)));
    });
  }

  #accepted(): void {
    if (this.#ended) return;
    this.#handlers.onAccepted();
    this.#handlers.onActivity();
  }

  async #onMessage(message: RawMessage): Promise<void> {
    if (this.#ended) return;
    const { events = [], commitResponse } = message;
    if (commitResponse?.error != null) {
      const { code, msg } = commitResponse.error;
      this.#handlers.onCommitRefused(safeText([code, msg].filter(Boolean).join(': ')));
    }
    const latest = replayIdOfBytes(message.latestReplayId);
    if (events.length === 0) {
      // By the server's own word: a request of ours that is under way is no credit yet, and events may be waiting for it.
      const hasCredit = (message.pendingNumRequested ?? 0) > 0;
      if (hasCredit && latest !== undefined && commitResponse == null) this.#handlers.onKeepAlive(latest);
      return;
    }
    for (let first = 0; first < events.length; first += PORTION) {
      // The socket is heard in between: what the portion before it freed is asked for while this one is decoded.
      if (first > 0) await setImmediate();
      await this.#onPortion({ ...message, events: events.slice(first, first + PORTION) });
    }
  }

  async #onPortion({ events = [], ...message }: RawMessage): Promise<void> {
    if (this.#ended) return;
    this.#inHand = [];
    for (const { event, replayId } of events) {
      const id = replayIdOfBytes(replayId);
      if (id === undefined) {
        this.#end({ cause: 'unavailable', reason: 'an event came without a replay id' });
        return;
      }
      const { id: eventId = '', schemaId = '', payload = NO_BYTES } = event ?? {};
      // Not a copy: the message lives as long as its events are in hand, and those are bounded by the credit.
      const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
      this.#inHand.push({ replayId: id, eventId, schemaId, payload: bytes });
    }
    this.#answered = 0;
    try {
      const readable = events.map(({ event }) => new ReadableEvent(event));
      await this.#decode?.({ ...message, events: readable, latestReplayId: ANY_REPLAY_ID });
    } catch {
      this.#mismatch('the client could not read a message');
      return;
    }
    if (this.#answered !== this.#inHand.length) this.#mismatch('the client answered not every event of a message');
  }

  /** The client's callback: one answer for each event in hand, in order. It must never throw into the client. */
  #onAnswer(type: string, data: unknown): void {
    if (this.#ended || (type !== 'event' && type !== 'error')) return;
    const raw = this.#inHand[this.#answered++];
    if (raw === undefined) {
      this.#mismatch('the client answered more events than it was given');
      return;
    }
    if (type === 'event') {
      const { payload } = data as ClientEvent;
      keepOutOfLogs(payload);
      this.#handlers.onEvent(raw, payload);
      return;
    }
    const cause = (data as { cause?: unknown }).cause;
    const why = cause instanceof Error ? cause.message : '';
    // Not a fault of the event: its schema may be there in a minute.
    if (why.startsWith('Failed to load schema')) {
      this.#end({ cause: 'schema', reason: schemaReason(raw, cause) });
      return;
    }
    if (why.startsWith('Failed to retrieve')) {
      this.#mismatch('the client lost its subscription');
      return;
    }
    this.#handlers.onUndecodable(raw, 'the payload does not fit its schema');
  }

  #mismatch(reason: string): void {
    this.#end({ cause: 'client', reason });
  }

  #end(end: StreamEnd): void {
    if (this.#ended) return;
    this.close();
    this.#handlers.onEnd(end);
  }
}

function schemaReason(raw: RawEvent, error: unknown): string {
  const cause = (error as { cause?: unknown }).cause;
  const status =
    cause instanceof Error && 'code' in cause
      ? endOfStatus(cause as unknown as GrpcStatus).reason
      : 'it cannot be parsed';
  return `schema ${raw.schemaId.replace(/[^\w-]/g, '?').slice(0, 64)} of event ${raw.replayId}: ${status}`;
}

/**
 * Opens a stream. Rejects where it could not even be begun; after that, `handlers.onEnd` tells.
 * @throws ClientMismatchError where another version of the client is installed.
 */
export async function openStream(
  target: StreamTarget,
  session: Session,
  start: { from: StartPoint; credit: number },
  handlers: StreamHandlers,
): Promise<OpenStream> {
  const stream = new TopicStream(target, session, handlers);
  try {
    await stream.open(start.from, start.credit);
  } catch (error) {
    stream.close();
    throw error;
  }
  return stream;
}
