import { safeText } from '../../domain/safe-text';

/** Why a stream ended, by what must be done about it. */
export type EndCause =
  /** The server closed it in good order: reconnect. */
  | 'ended'
  /** Nothing came for longer than the silence limit: the connection is dead, whatever TCP says. */
  | 'silence'
  /** The session has expired or was revoked: log in anew. */
  | 'session'
  /** The login itself is refused: nothing helps until a person acts. */
  | 'credentials'
  /** The login could not be made for a passing reason. */
  | 'login'
  /** The replay id is unknown to the server: expired, corrupted, or of another topic or org. */
  | 'replay-id'
  /** The schema of an event could not be had. The event keeps its place. */
  | 'schema'
  /** No such topic, no permission, no licence, an allocation used up: retry slowly. */
  | 'refused'
  /** An answer larger than the client takes: ask for fewer events at a time. */
  | 'oversize'
  /** Network or server trouble: reconnect with backoff. */
  | 'unavailable'
  /** The client library does not behave as the one this module was written for. */
  | 'client';

/** How a stream ended. */
export interface StreamEnd {
  cause: EndCause;
  /** For a person; no payload, no token. */
  reason: string;
  /** gRPC status code, where there was one. */
  code?: number;
  /** Salesforce's own code from the trailers, e.g. `sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted`. */
  errorCode?: string;
}

/** A gRPC status as `@grpc/grpc-js` reports it. */
export interface GrpcStatus {
  code: number;
  details?: string;
  metadata?: { get(key: string): (string | Buffer)[] };
}

const OK = 0;
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const UNAUTHENTICATED = 16;

/** Error codes by what must be done (Pub/Sub API guide, "Handle Errors"); the ends of `sfdc.platform.eventbus.grpc.…`. */
const BY_ERROR_CODE: readonly [RegExp, EndCause][] = [
  [/\.replayid\.(?:corrupted|validation\.failed)$/, 'replay-id'],
  [/\.service\.auth\./, 'session'],
  [/\.(?:topic\.not\.found|topic\.meta\.permission|cannot\.subscribe|tenant\.license)$/, 'refused'],
  [/\.(?:subscription\.limit\.exceeded|client\.limit\.exceeded)$/, 'refused'],
  [/\.managed\.subscription\.(?:config\.(?:stopped|deleted)|.*not\.found|.*invalid)$/, 'refused'],
];

/** What the status at the end of a stream asks for. The trailers decide before the status code: one code has many causes. */
export function endOfStatus(status: GrpcStatus): StreamEnd {
  const trailer = status.metadata?.get('error-code')[0];
  const errorCode = trailer === undefined ? undefined : String(trailer);
  const cause = BY_ERROR_CODE.find(([code]) => code.test(errorCode ?? ''))?.[1] ?? causeOfCode(status);
  const details = safeText(status.details ?? '');
  return {
    cause,
    reason: `gRPC status ${status.code}${errorCode === undefined ? '' : ` ${errorCode}`}${details === '' ? '' : `: ${details}`}`,
    code: status.code,
    ...(errorCode === undefined ? {} : { errorCode }),
  };
}

function causeOfCode({ code, details }: GrpcStatus): EndCause {
  switch (code) {
    case OK:
      return 'ended';
    case UNAUTHENTICATED:
      return 'session';
    case NOT_FOUND:
    case PERMISSION_DENIED:
      return 'refused';
    // Said by the client itself (@grpc/grpc-js, stream-decoder), of more than 4 MB.
    case RESOURCE_EXHAUSTED:
      return /larger than max/i.test(details ?? '') ? 'oversize' : 'unavailable';
    case INVALID_ARGUMENT:
      return /replay/i.test(details ?? '') ? 'replay-id' : 'refused';
    default:
      return 'unavailable';
  }
}

/** What the client says of a managed subscription that is not there, or is in the state STOP. */
const NOT_TO_BE_HAD = /^Failed to retrieve managed event subscription|subscription is in \w+ state$|^Suspected SOQL/;
/** Error codes of the REST API that say that this user or this org may not look it up. */
const NOT_ALLOWED = /^(?:INVALID_TYPE|INVALID_FIELD|INSUFFICIENT_ACCESS|API_DISABLED_FOR_ORG|API_CURRENTLY_DISABLED)$/;

/** Why a managed subscription could not be looked up by the client, over the Tooling API, before its stream could be begun. */
export function endOfLookUp(error: unknown): StreamEnd {
  const reason = messageOf(error);
  const code = error instanceof Error && 'errorCode' in error ? String(error.errorCode) : '';
  if (code === 'INVALID_SESSION_ID') return { cause: 'session', reason };
  return { cause: NOT_TO_BE_HAD.test(reason) || NOT_ALLOWED.test(code) ? 'refused' : 'unavailable', reason };
}

/** The message of the cause, where there is one: it says more. */
export function messageOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : 'unknown failure';
}
