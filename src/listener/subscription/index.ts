/**
 * A safe Pub/Sub API subscription: ordered, acknowledged, self-healing. The only importer of salesforce-pubsub-api-client;
 * it knows nothing of orders and could be a package of its own. See docs/listener.md, "The subscription".
 */
export { subscribe } from './subscription';
export type { Subscription, SubscriptionMode, SubscriptionOptions, SubscriptionState } from './subscription-types';
export type { Delivery } from './delivery';
export { createLoginGate, LoginFailedError, type LoginGate } from './login-gate';
export { parseReplayId, replayIdOrUndefined, type ReplayId } from './replay-id';
export type { RawEvent, Session, StartPoint } from './stream-types';
export type { EndCause, StreamEnd } from './stream-end';
export { topicAccess, type TopicAccess } from './topic-access';
export { decodeStored, StoredEventError } from './decode-stored';
