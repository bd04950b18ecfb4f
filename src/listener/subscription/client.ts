import PubSubApiClient from 'salesforce-pubsub-api-client';
import type { Session, StreamTarget } from './stream-types';

/** The client logs payloads; all that matters comes through its callbacks. */
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore };
export function ignore(): void {
  // On purpose.
}

/** The client reads 8 bytes of each replay id into a Number, and throws where they are absent. We have them exactly. */
export const ANY_REPLAY_ID = Buffer.alloc(8);

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
