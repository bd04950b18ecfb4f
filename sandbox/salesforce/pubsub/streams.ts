import { randomUUID } from 'node:crypto';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Session } from '../store/types';
import { PubSubFailure } from './failure';
import type {
  FetchRequest,
  FetchResponse,
  ManagedFetchRequest,
  ManagedFetchResponse,
  PublishRequest,
  PublishResponse,
} from './messages';
import type { PubSubContext } from './context';
import { startOf, topicNamed } from './start';
import { Subscription, type SubscriptionWire } from './subscription';

type Duplex<Request, Response> = ServerDuplexStream<Request, Response>;

/** Sends a failure as status and trailers. */
export function failCall(call: { emit: (event: 'error', error: unknown) => boolean }, error: unknown): void {
  call.emit('error', error);
}

function wireOf<Request, Response extends FetchResponse>(call: Duplex<Request, Response>): SubscriptionWire {
  return {
    send: (response) => call.write(response as Response),
    fail: (failure) => failCall(call, failure),
    end: () => call.end(),
  };
}

/** Runs `handle` for each message; a PubSubFailure it throws fails the stream, which is then closed by `close`. */
function onMessages<Request, Response>(
  call: Duplex<Request, Response>,
  context: PubSubContext,
  handle: (message: Request) => void,
  close: (failure?: PubSubFailure) => void,
): void {
  call.on('data', (message: Request) => {
    if (context.faults.isHalfOpen) return;
    try {
      handle(message);
    } catch (error) {
      const failure = error instanceof PubSubFailure ? error : new PubSubFailure('subscription.internal.error');
      close(failure);
      context.countFailure(failure);
      failCall(call, failure);
    }
  });
  call.on('end', () => {
    close();
    call.end();
  });
  for (const event of ['cancelled', 'error', 'close'] as const) call.on(event, () => close());
}

function subscriptionOn(
  context: PubSubContext,
  session: Session,
  wire: SubscriptionWire,
  from: { topic: Subscription['topic']; after: bigint },
): Subscription {
  if (context.faults.isForbidden(from.topic.name)) throw new PubSubFailure('subscription.topic.cannot.subscribe');
  const { faults, stats, times } = context;
  const subscription = new Subscription({
    ...from,
    faults,
    stats,
    times,
    wire: {
      ...wire,
      fail: (failure) => {
        context.countFailure(failure);
        wire.fail(failure);
      },
    },
    checkSession: () => context.auth.stillValid(session),
  });
  context.subscriptions.add(subscription);
  return subscription;
}

/** Subscribe: the first request names topic and start, each one adds credit. */
export function subscribe(call: Duplex<FetchRequest, FetchResponse>, context: PubSubContext, session: Session): void {
  let subscription: Subscription | undefined;
  const handle = (request: FetchRequest): void => {
    context.auth.stillValid(session);
    if (request.numRequested <= 0) throw new PubSubFailure('subscription.fetch.requested.events.invalid');
    if (!subscription) {
      const topic = topicNamed(context.bus, request.topicName);
      const start = startOf(topic, request.replayPreset, request.replayId);
      const rewind = request.replayPreset === 'CUSTOM' ? context.faults.rewindOf(topic.name) : 0;
      const after = topic.log.rewound(start, rewind);
      subscription = subscriptionOn(context, session, wireOf(call), { topic, after });
    } else if (request.topicName !== '' && request.topicName !== subscription.topic.name) {
      throw new PubSubFailure('subscription.fetch.topic.mismatch');
    }
    subscription.request(request.numRequested);
  };
  onMessages(call, context, handle, () => {
    if (!subscription) return;
    subscription.close();
    context.subscriptions.delete(subscription);
  });
}

/** ManagedSubscribe: the server knows the start, and takes commits on the same stream. */
export function managedSubscribe(
  call: Duplex<ManagedFetchRequest, ManagedFetchResponse>,
  context: PubSubContext,
  session: Session,
): void {
  let open: { subscription: Subscription; key: string; release: () => void } | undefined;
  const begin = (request: ManagedFetchRequest): NonNullable<typeof open> => {
    if (request.commitReplayIdRequest) {
      throw new PubSubFailure('managed.subscription.fetch.request.commit.request.restricted');
    }
    const { key, release, ...from } = context.managed.open(request.subscriptionId, request.developerName);
    try {
      return { subscription: subscriptionOn(context, session, wireOf(call), from), key, release };
    } catch (error) {
      release();
      throw error;
    }
  };
  const handle = (request: ManagedFetchRequest): void => {
    context.auth.stillValid(session);
    if (request.numRequested < 0) throw new PubSubFailure('managed.subscription.fetch.request.events.invalid');
    open ??= begin(request);
    if (request.numRequested > 0) open.subscription.request(request.numRequested);
    if (!request.commitReplayIdRequest) return;
    const { topic, cursor } = open.subscription;
    const commitResponse = context.managed.commit(open.key, request.commitReplayIdRequest, topic, cursor);
    call.write({
      events: [],
      latestReplayId: request.commitReplayIdRequest.replayId,
      rpcId: randomUUID(),
      pendingNumRequested: 0,
      commitResponse,
    });
  };
  onMessages(call, context, handle, () => {
    if (!open) return;
    open.subscription.close();
    open.release();
    context.subscriptions.delete(open.subscription);
  });
}

/** PublishStream: each request is answered; the first names the topic; silence for too long ends the stream. */
export function publishStream(
  call: Duplex<PublishRequest, PublishResponse>,
  context: PubSubContext,
  session: Session,
): void {
  let topicName = '';
  let idle: NodeJS.Timeout | undefined;
  const forget = context.onClose(() => {
    clearTimeout(idle);
    call.end();
  });
  const close = (): void => {
    clearTimeout(idle);
    forget();
  };
  const arm = (): void => {
    clearTimeout(idle);
    idle = setTimeout(
      () => failCall(call, new PubSubFailure('publish.stream.sweeper.timeout')),
      context.times.publishIdleMs,
    );
  };
  arm();
  const handle = (request: PublishRequest): void => {
    context.auth.stillValid(session);
    if (topicName !== '' && request.topicName !== '' && request.topicName !== topicName) {
      throw new PubSubFailure('publish.topic.mismatch');
    }
    topicName ||= request.topicName;
    call.write(context.publisher.publish({ ...request, topicName }));
    arm();
  };
  onMessages(call, context, handle, close);
}
