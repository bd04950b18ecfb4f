import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type GrpcObject,
  type Metadata,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Clock } from '../clock';
import type { EventBus } from '../events/bus';
import type { Faults, RpcName } from '../faults/faults';
import type { SalesforceSchema } from '../schema/schema';
import type { Session, Sessions } from '../store/types';
import { Authenticator } from './auth';
import { selfSignedCertificate } from './certificate';
import type { PubSubContext, PubSubTimes } from './context';
import { PubSubFailure } from './failure';
import { ManagedSubscriptions } from './managed';
import type { PublishRequest, PublishResponse, SchemaInfo, TopicInfo } from './messages';
import { Publisher } from './publish';
import { topicNamed } from './start';
import { StatsCollector, type PubSubStats } from './stats';
import { failCall, managedSubscribe, publishStream, subscribe } from './streams';
import type { Subscription } from './subscription';

export interface PubSubOptions {
  bus: EventBus;
  schema: SalesforceSchema;
  sessions: Sessions;
  clock: Clock;
  faults: Faults;
  orgId: string;
  /** 0 for one that the system chooses. */
  port?: number;
  times?: Partial<PubSubTimes>;
}

/** The running Pub/Sub API. */
export interface PubSubServer {
  /** `127.0.0.1:port` */
  endpoint: string;
  /** PEM of the self-signed certificate, for clients that check it. */
  certificate: string;
  managed: ManagedSubscriptions;
  /** May be changed; what is changed holds from the next timer on. */
  times: PubSubTimes;
  stats(): PubSubStats;
  /** Ends all streams and frees the port. */
  close(): Promise<void>;
}

/** How long a stop waits for calls in progress. */
const SHUTDOWN_MS = 300;

const DEFAULT_TIMES: PubSubTimes = { keepaliveMs: 270_000, idleMs: 60_000, publishIdleMs: 70_000 };

function service(): ServiceClientConstructor['service'] {
  const definition = loadSync(join(__dirname, 'pubsub.proto'), { defaults: true, enums: String, longs: Number });
  const api = loadPackageDefinition(definition) as unknown as { eventbus: { v1: GrpcObject } };
  return (api.eventbus.v1['PubSub'] as ServiceClientConstructor).service;
}

/** The unary RPCs. @throws PubSubFailure */
class UnaryCalls {
  constructor(private readonly context: PubSubContext) {}

  getTopic({ topicName }: { topicName: string }): TopicInfo {
    const { bus, faults, orgId, stats } = this.context;
    stats.count('getTopicCalls');
    const topic = topicNamed(bus, topicName);
    const allowed = !faults.isForbidden(topic.name);
    return {
      topicName: topic.name,
      tenantGuid: orgId,
      canPublish: allowed && topic.kind === 'platform-event',
      canSubscribe: allowed,
      schemaId: bus.schemaIdOf(topic),
      rpcId: randomUUID(),
    };
  }

  getSchema({ schemaId }: { schemaId: string }): SchemaInfo {
    const { bus, faults, stats } = this.context;
    stats.count('getSchemaCalls');
    if (schemaId === '') throw new PubSubFailure('schema.validation.failed');
    const topics = [...bus.topics.values()]
      .filter((topic) => bus.schemaIdOf(topic) === schemaId)
      .map(({ name }) => name);
    const fault = faults.takeSchemaFailure(topics);
    if (fault) throw new PubSubFailure(fault);
    const schema = bus.schemaById(schemaId);
    // The published table of errors has no other code for a schema that cannot be found.
    if (!schema) throw new PubSubFailure('schema.meta.permission');
    return { schemaJson: schema.json, schemaId, rpcId: randomUUID() };
  }

  publish(request: PublishRequest): PublishResponse {
    return this.context.publisher.publish(request);
  }
}

interface CallControl {
  fail(failure: PubSubFailure): void;
  /** Ends a call that was never answered, when the server stops. */
  abandon(): void;
}

/** Lets a call begin: waits out the latency, checks the session. A half-open server never gets so far. */
function begin(
  context: PubSubContext,
  rpc: RpcName,
  metadata: Metadata,
  control: CallControl,
  work: (session: Session) => void,
): void {
  if (context.faults.isHalfOpen) {
    context.onClose(() => control.abandon());
    return;
  }
  const start = (): void => {
    try {
      work(context.auth.authenticate(metadata));
    } catch (error) {
      const failure = error instanceof PubSubFailure ? error : new PubSubFailure('service.unavailable');
      context.countFailure(failure);
      control.fail(failure);
    }
  };
  const latency = context.faults.latencyOf(rpc);
  if (latency === 0) {
    start();
    return;
  }
  const forget = context.onClose(() => {
    clearTimeout(timer);
    control.abandon();
  });
  const timer = setTimeout(() => {
    forget();
    start();
  }, latency);
}

function unary<Request, Response>(context: PubSubContext, rpc: RpcName, handle: (request: Request) => Response) {
  return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
    const control: CallControl = {
      fail: (failure) => callback(failure),
      abandon: () => callback(new PubSubFailure('service.unavailable')),
    };
    begin(context, rpc, call.metadata, control, () => callback(null, handle(call.request)));
  };
}

function streaming<Request, Response>(
  context: PubSubContext,
  rpc: RpcName,
  handle: (call: ServerDuplexStream<Request, Response>, context: PubSubContext, session: Session) => void,
) {
  return (call: ServerDuplexStream<Request, Response>): void => {
    // Without a listener an error on a call that the client has left would be thrown.
    call.on('error', () => undefined);
    const control: CallControl = { fail: (failure) => failCall(call, failure), abandon: () => call.end() };
    begin(context, rpc, call.metadata, control, (session) => handle(call, context, session));
  };
}

/** Starts the Pub/Sub API over TLS on loopback. @throws Error when the port is taken */
export async function startPubSub(options: PubSubOptions): Promise<PubSubServer> {
  const { bus, clock, faults, orgId, schema, sessions } = options;
  const stats = new StatsCollector();
  const subscriptions = new Set<Subscription>();
  const releases = new Set<() => void>();
  const context: PubSubContext = {
    orgId,
    bus,
    faults,
    stats,
    times: { ...DEFAULT_TIMES, ...options.times },
    auth: new Authenticator(sessions, orgId, clock, faults, stats),
    managed: new ManagedSubscriptions(schema, bus, clock),
    publisher: new Publisher(bus, stats, faults),
    subscriptions,
    countFailure: (failure) => stats.countBy('failures', failure.errorCode),
    onClose: (release) => {
      releases.add(release);
      return () => releases.delete(release);
    },
  };
  const calls = new UnaryCalls(context);
  const server = new Server();
  server.addService(service(), {
    Subscribe: streaming(context, 'Subscribe', subscribe),
    ManagedSubscribe: streaming(context, 'ManagedSubscribe', managedSubscribe),
    PublishStream: streaming(context, 'PublishStream', publishStream),
    GetTopic: unary(context, 'GetTopic', (request: { topicName: string }) => calls.getTopic(request)),
    GetSchema: unary(context, 'GetSchema', (request: { schemaId: string }) => calls.getSchema(request)),
    Publish: unary(context, 'Publish', (request: PublishRequest) => calls.publish(request)),
  });
  const { key, cert } = await selfSignedCertificate();
  const credentials = ServerCredentials.createSsl(null, [
    { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) },
  ]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${options.port ?? 0}`, credentials, (error, bound) => {
      if (error) reject(new Error(`The Pub/Sub emulator cannot listen on port ${options.port ?? 0}: ${error.message}`));
      else resolve(bound);
    });
  });
  return {
    endpoint: `127.0.0.1:${port}`,
    certificate: cert,
    managed: context.managed,
    times: context.times,
    stats: () => stats.read(),
    async close(): Promise<void> {
      // Ended well, so that a client which has forgotten a stream gets no error that nobody listens to.
      for (const subscription of [...subscriptions]) subscription.end();
      for (const release of [...releases]) release();
      let limit: NodeJS.Timeout | undefined;
      await Promise.race([
        new Promise<void>((resolve) => server.tryShutdown(() => resolve())),
        new Promise<void>((resolve) => (limit = setTimeout(resolve, SHUTDOWN_MS))),
      ]);
      clearTimeout(limit);
      server.forceShutdown();
    },
  };
}
