import { createClient } from './client';
import { serviceOf, topicInfo, type PubSubService } from './grpc-service';
import { endOfStatus, type GrpcStatus, type StreamEnd } from './stream-end';
import type { Session, StreamTarget } from './stream-types';

/** Whether a topic may be subscribed to, as the service says. */
export interface TopicAccess {
  topic: string;
  /**
   * Of a channel of one object this includes the user's rights to it. On a custom channel the service keeps back what the user may
   * not see, event by event, and says yes (Change Data Capture Developer Guide, "Required Permissions").
   */
  canSubscribe: boolean;
  /** Set where the service did not say: there is no such topic, the session is refused, it did not answer. */
  refusal: StreamEnd | undefined;
}

/**
 * Asks for each topic, by GetTopic. Nothing is subscribed to, and no event is taken.
 * @throws ClientMismatchError where another version of the client is installed.
 */
export async function topicAccess(
  target: Pick<StreamTarget, 'endpoint' | 'insecure'>,
  session: Session,
  topics: readonly string[],
): Promise<TopicAccess[]> {
  const client = createClient(target, session);
  await client.connect();
  try {
    const service = serviceOf(client);
    return await Promise.all(topics.map((topic) => accessOf(service, topic)));
  } finally {
    client.close();
  }
}

async function accessOf(service: PubSubService, topic: string): Promise<TopicAccess> {
  try {
    const { canSubscribe = false } = await topicInfo(service, topic);
    return { topic, canSubscribe, refusal: undefined };
  } catch (error) {
    return { topic, canSubscribe: false, refusal: endOfStatus(error as GrpcStatus) };
  }
}
