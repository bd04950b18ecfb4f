import { randomUUID } from 'node:crypto';
import { Metadata, status, type StatusObject } from '@grpc/grpc-js';

/**
 * Failures as the service sends them: a gRPC status, the code in the trailer `error-code`, and an rpc id in a trailer
 * and at the end of the message (Pub/Sub API guide, "Handle Errors"). Codes are that page's; statuses and texts are
 * from recorded errors where there are any (pub-sub-api-node-client issues 14, 34; pub-sub-api-java-client issues 2, 3).
 */
const PREFIX = 'sfdc.platform.eventbus.grpc.';

const failures = {
  'service.auth.error': [
    status.UNAUTHENTICATED,
    'An authentication exception occurred. Provide valid authentication via metadata headers.',
  ],
  'service.auth.headers.invalid': [
    status.UNAUTHENTICATED,
    'An authentication header is invalid or blank. Provide valid accesstoken, instanceurl and tenantid headers.',
  ],
  'service.unavailable': [status.UNAVAILABLE, 'The Pub/Sub API service is unavailable.'],
  'topic.not.found': [
    status.NOT_FOUND,
    'The topic information was not found. Ensure the topic name is correct and that the topic exists.',
  ],
  'topic.validation.empty': [status.INVALID_ARGUMENT, "Topic validation failed. The topic name can't be blank."],
  'schema.validation.failed': [status.INVALID_ARGUMENT, "Schema validation failed. The schema ID can't be blank."],
  'schema.meta.permission': [
    status.PERMISSION_DENIED,
    'The schema is not accessible. Ensure that the schema ID and the credentials are correct.',
  ],
  'schema.api.unavailable': [status.UNAVAILABLE, 'The schema information is temporarily unavailable.'],
  'subscription.topic.cannot.subscribe': [
    status.PERMISSION_DENIED,
    'The user has no permission to subscribe to the topic.',
  ],
  'subscription.fetch.requested.events.invalid': [
    status.INVALID_ARGUMENT,
    'The number of requested events must be greater than zero.',
  ],
  'subscription.fetch.topic.mismatch': [
    status.INVALID_ARGUMENT,
    'The topic name must be the same in all requests of a stream.',
  ],
  'subscription.fetch.replayid.corrupted': [
    status.INVALID_ARGUMENT,
    'The Replay ID validation failed. Ensure that the Replay ID is valid.',
  ],
  'subscription.fetch.replayid.validation.failed': [
    status.INVALID_ARGUMENT,
    "The Replay ID can't be blank when the replay preset is CUSTOM.",
  ],
  'subscription.limit.exceeded': [
    status.RESOURCE_EXHAUSTED,
    'You have exceeded the event delivery limit for your org.',
  ],
  'subscription.internal.error': [status.INTERNAL, 'An internal error occurred in the subscription.'],
  'managed.subscription.already.active': [
    status.ALREADY_EXISTS,
    'An active subscription with the same managed subscription ID exists.',
  ],
  'managed.subscription.config.stopped': [status.FAILED_PRECONDITION, 'The managed subscription is in the STOP state.'],
  'managed.subscription.developer.name.not.found': [
    status.NOT_FOUND,
    'No managed subscription has this developer name.',
  ],
  'managed.subscription.subscription.id.not.found': [status.NOT_FOUND, 'No managed subscription has this ID.'],
  'managed.subscription.id.or.developer.name.empty': [
    status.INVALID_ARGUMENT,
    'Provide either a subscription ID or a developer name.',
  ],
  'managed.subscription.fetch.request.events.invalid': [
    status.INVALID_ARGUMENT,
    "The number of requested events can't be negative.",
  ],
  'managed.subscription.fetch.request.commit.request.restricted': [
    status.INVALID_ARGUMENT,
    "A commit request can't be in the first request of a stream.",
  ],
  'publish.topic.cannot.publish': [status.PERMISSION_DENIED, 'The user has no permission to publish on the topic.'],
  'publish.event.count.invalid': [status.INVALID_ARGUMENT, 'A publish request must have at least one event.'],
  'publish.topic.mismatch': [status.INVALID_ARGUMENT, 'The topic name must be the same in all requests of a stream.'],
  'publish.stream.sweeper.timeout': [status.ABORTED, 'No publish request was received in time.'],
} as const satisfies Record<string, readonly [status, string]>;

export type PubSubFailureCode = keyof typeof failures;

/** All codes that the emulator can send, without their common prefix. */
export const PUBSUB_FAILURE_CODES = Object.keys(failures) as PubSubFailureCode[];

/** A failure to be sent on a call. */
export class PubSubFailure extends Error implements StatusObject {
  readonly details: string;
  readonly metadata = new Metadata();
  readonly code: status;

  constructor(
    readonly errorCode: PubSubFailureCode,
    options: { rpcId?: string; status?: status } = {},
  ) {
    const rpcId = options.rpcId ?? randomUUID();
    const [grpcStatus, text] = failures[errorCode];
    const details = `${text} rpcId: ${rpcId}`;
    super(details);
    this.details = details;
    this.code = options.status ?? grpcStatus;
    this.metadata.set('error-code', PREFIX + errorCode);
    this.metadata.set('rpc-id', rpcId);
  }
}
