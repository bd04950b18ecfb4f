import { createRequire } from 'node:module';
import type { Client, ClientDuplexStream } from '@grpc/grpc-js';
import type PubSubApiClient from 'salesforce-pubsub-api-client';
import type { GrpcStatus } from './stream-end';

/**
 * The gRPC service inside a PubSubApiClient, borrowed.
 *
 * The client hides its streams, and that is the root of most of its troubles: `close()` forgets a stream without cancelling
 * it, an error on a forgotten stream is uncaught, the exact replay id is lost on the way, messages overtake each other while a
 * schema is fetched, and a rejection in its own asynchronous `data` listener has no owner. All of that is mended from
 * outside with the stream in hand. The service is taken through `getConnectivityState()`, which asks it for its channel:
 * `getChannel` is watched during that one synchronous call and put back. See docs/listener.md, "The client".
 */
export interface PubSubService {
  /** What the client calls; replaced on this one instance. */
  Subscribe: OpenStream;
  ManagedSubscribe: OpenStream;
  GetSchema: UnaryCall;
  GetTopic: UnaryCall;
  getChannel(): { getConnectivityState(connect: boolean): number };
}

export type RawStream = ClientDuplexStream<unknown, RawMessage>;
type OpenStream = (...args: unknown[]) => RawStream;
type Callback = (error: (Error & Partial<GrpcStatus>) | null, response?: unknown) => void;
type UnaryCall = (request: unknown, ...rest: unknown[]) => unknown;

/** A FetchResponse or ManagedFetchResponse as protobuf gives it: empty fields are absent. */
export interface RawMessage {
  events?: { event?: ProducerEvent | undefined; replayId?: Uint8Array }[];
  latestReplayId?: Uint8Array;
  /** Credit that is left. */
  pendingNumRequested?: number;
  commitResponse?: { error?: { code?: string; msg?: string } | null } | null;
}

export interface ProducerEvent {
  id?: string;
  schemaId?: string;
  payload?: Uint8Array;
}

/** The client is not the one this module was written for. */
export class ClientMismatchError extends Error {
  override readonly name = 'ClientMismatchError';
}

/** An answer that is not there within this time will not come: ms. The client itself would wait for ever. */
const ANSWER_LIMIT_MS = 15_000;

/** The very copy of gRPC that the client uses; another copy would have another prototype. */
function grpcOfClient(): { Client: typeof Client; Metadata: new () => unknown } {
  const load = createRequire(require.resolve('salesforce-pubsub-api-client'));
  return load('@grpc/grpc-js') as ReturnType<typeof grpcOfClient>;
}

/** @throws ClientMismatchError where no service is found. */
export function serviceOf(client: PubSubApiClient): PubSubService {
  const { prototype } = grpcOfClient().Client;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was, and called with its own `this`
  const original = prototype.getChannel;
  let service: Client | undefined;
  prototype.getChannel = function (this: Client) {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- it is what we came for
    service = this;
    return original.call(this);
  };
  try {
    client.getConnectivityState().catch(() => undefined);
  } finally {
    prototype.getChannel = original;
  }
  const found = service as unknown as Partial<PubSubService> | undefined;
  if (typeof found?.Subscribe !== 'function' || typeof found.GetSchema !== 'function') {
    throw new ClientMismatchError('The Pub/Sub client does not show its gRPC service; use the pinned version 5.5.2');
  }
  return found as PubSubService;
}

/** What the service knows of a topic. @throws its gRPC status as an Error, e.g. `NOT_FOUND` */
export function topicInfo(service: PubSubService, topicName: string): Promise<{ canSubscribe?: boolean }> {
  const { Metadata } = grpcOfClient();
  return new Promise((resolve, reject) => {
    const deadline = Date.now() + ANSWER_LIMIT_MS;
    const answer: Callback = (error, response) => {
      if (error === null) resolve(response as { canSubscribe?: boolean });
      else reject(error);
    };
    service.GetTopic({ topicName }, new Metadata(), { deadline }, answer);
  });
}

/** Gives every schema request a time limit, and a schema that cannot be parsed an owner: the client would let it crash the process. */
export function tameSchemaRequests(service: PubSubService): void {
  const { Metadata } = grpcOfClient();
  const getSchema = service.GetSchema.bind(service);
  service.GetSchema = (request, callback) => {
    const answer = callback as Callback;
    return getSchema(
      request,
      new Metadata(),
      { deadline: Date.now() + ANSWER_LIMIT_MS },
      (error: Error | null, response?: unknown) => {
        try {
          answer(error, response);
        } catch (cause) {
          answer(new Error('the schema cannot be parsed', { cause }));
        }
      },
    );
  };
}
