import PubSubApiClient from 'salesforce-pubsub-api-client';
import type { SalesforceEmulator } from '../../../sandbox/salesforce';

/** What the unmodified client reports, kept for a test to look at. */

export interface ReceivedEvent {
  id: string;
  schemaId: string;
  replayId: number;
  payload: Record<string, unknown> & {
    ChangeEventHeader: {
      entityName: string;
      changeType: string;
      recordIds: string[];
      changedFields: string[];
      nulledFields: string[];
      changeOrigin: string;
      commitNumber: number | bigint;
      commitUser: string;
      transactionKey: string;
    };
  };
}

export interface ReceivedError {
  message: string;
  code?: number;
  metadata?: { get(key: string): unknown[] };
  replayId?: number;
  cause?: { message: string; code?: number };
}

export class Received {
  readonly events: ReceivedEvent[] = [];
  readonly errors: ReceivedError[] = [];
  /** All callbacks in their order. */
  readonly types: string[] = [];
  lastReplayId: number | undefined;

  readonly callback = (info: { lastReplayId: number }, type: string, data: unknown): void => {
    this.types.push(type);
    this.lastReplayId = info.lastReplayId;
    if (type === 'event') this.events.push(data as ReceivedEvent);
    if (type === 'error') this.errors.push(data as ReceivedError);
  };

  count(type: string): number {
    return this.types.filter((seen) => seen === type).length;
  }

  get replayIds(): number[] {
    return this.events.map(({ replayId }) => replayId);
  }

  get headers(): ReceivedEvent['payload']['ChangeEventHeader'][] {
    return this.events.map(({ payload }) => payload.ChangeEventHeader);
  }

  /** `error-code` of the last error, without the common prefix. */
  get errorCode(): string {
    return String(this.errors.at(-1)?.metadata?.get('error-code')[0]).replace('sfdc.platform.eventbus.grpc.', '');
  }
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A client that is logged in to the emulator. */
export async function connectClient(sf: SalesforceEmulator): Promise<PubSubApiClient> {
  const client = new PubSubApiClient(
    {
      authType: 'oauth-client-credentials',
      loginUrl: sf.loginUrl,
      clientId: sf.credentials.clientId,
      clientSecret: sf.credentials.clientSecret,
      pubSubEndpoint: sf.pubsubEndpoint,
      rejectUnauthorizedSsl: false,
    },
    silent,
  );
  await client.connect();
  return client;
}
