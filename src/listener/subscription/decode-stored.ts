import { EventEmitter } from 'node:events';
import { ANY_REPLAY_ID, createClient } from './client';
import { serviceOf, tameSchemaRequests, type RawMessage, type RawStream } from './grpc-service';
import type { RawEvent, Session, StreamTarget } from './stream-types';

/** The event still cannot be decoded, or its schema cannot be had. */
export class StoredEventError extends Error {
  override readonly name = 'StoredEventError';
}

/**
 * Decodes an event that was kept, exactly as a stream would: the client is given a stream that exists in this process alone,
 * and fetches the schema from Salesforce. Nothing is subscribed to.
 * @throws StoredEventError
 */
export async function decodeStored(
  target: Pick<StreamTarget, 'endpoint' | 'insecure' | 'topic'>,
  session: Session,
  raw: Pick<RawEvent, 'eventId' | 'schemaId' | 'payload'>,
): Promise<Record<string, unknown>> {
  const client = createClient(target, session);
  await client.connect();
  try {
    const service = serviceOf(client);
    tameSchemaRequests(service);
    const stream = Object.assign(new EventEmitter(), { write: () => true });
    service.Subscribe = () => stream as unknown as RawStream;
    let answer: { type: string; data: unknown } | undefined;
    client.subscribe(target.topic, (_info, type, data: unknown) => (answer ??= { type, data }), 1);
    const read = stream.listeners('data')[0] as (message: RawMessage) => Promise<void>;
    const event = { id: raw.eventId, schemaId: raw.schemaId, payload: raw.payload };
    await read({ events: [{ event, replayId: ANY_REPLAY_ID }], latestReplayId: ANY_REPLAY_ID });
    if (answer?.type === 'event') return (answer.data as { payload: Record<string, unknown> }).payload;
    const cause = (answer?.data as { cause?: unknown } | undefined)?.cause;
    const schema = cause instanceof Error && cause.message.startsWith('Failed to load schema');
    throw new StoredEventError(schema ? 'its schema cannot be had' : 'the payload does not fit its schema', { cause });
  } finally {
    client.close();
  }
}
