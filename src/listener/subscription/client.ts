import PubSubApiClient from 'salesforce-pubsub-api-client';
import type { ProducerEvent } from './grpc-service';
import type { Session, StreamTarget } from './stream-types';

/** The client logs payloads; all that matters comes through its callbacks. */
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore };
export function ignore(): void {
  // On purpose.
}

/** The client reads 8 bytes of each replay id into a Number, and throws where they are absent. We have them exactly. */
export const ANY_REPLAY_ID = Buffer.alloc(8);

/**
 * An event as the client is given it. The client makes JSON of each event for its debug log, twice, whether or not anybody logs:
 * that was a third of what an event cost. So an event has nothing to say in JSON, nor, see below, what was decoded of it.
 */
export class ReadableEvent {
  readonly replayId = ANY_REPLAY_ID;
  constructor(readonly event: ProducerEvent | undefined) {}

  toJSON(): string {
    return SILENCE;
  }
}
const SILENCE = '';

/** Records of a schema share a prototype, which the client made for them: it is told once. */
export function keepOutOfLogs(record: Record<string, unknown>): void {
  const prototype = Object.getPrototypeOf(record) as { toJSON?: unknown } | null;
  if (prototype === null || prototype === Object.prototype || Object.hasOwn(prototype, 'toJSON')) return;
  Object.defineProperty(prototype, 'toJSON', { value: () => SILENCE });
}

/** A client with a session of ours, so that one module owns the logins; not connected yet. */
export function createClient(target: Pick<StreamTarget, 'endpoint' | 'insecure'>, session: Session): PubSubApiClient {
  const config = {
    authType: 'user-supplied',
    pubSubEndpoint: target.endpoint,
    rejectUnauthorizedSsl: !target.insecure,
    ...session,
    // It insists on https here, although it only passes the text on; what it reads later is what the login said.
    instanceUrl: session.instanceUrl.replace(/^http:/, 'https:'),
  };
  const client = new PubSubApiClient(config, SILENT);
  config.instanceUrl = session.instanceUrl;
  return client;
}
