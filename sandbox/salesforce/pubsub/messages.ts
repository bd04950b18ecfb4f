/** Messages of pubsub.proto as @grpc/proto-loader gives and takes them (camel case, defaults filled in). */

export interface TopicInfo {
  topicName: string;
  tenantGuid: string;
  canPublish: boolean;
  canSubscribe: boolean;
  schemaId: string;
  rpcId: string;
}

export interface SchemaInfo {
  schemaJson: string;
  schemaId: string;
  rpcId: string;
}

export interface ProducerEvent {
  id: string;
  schemaId: string;
  payload: Buffer;
}

export interface ConsumerEvent {
  event: ProducerEvent;
  replayId: Buffer;
}

export interface FetchRequest {
  topicName: string;
  replayPreset: 'LATEST' | 'EARLIEST' | 'CUSTOM';
  replayId: Buffer;
  numRequested: number;
}

export interface FetchResponse {
  events: ConsumerEvent[];
  latestReplayId: Buffer;
  rpcId: string;
  pendingNumRequested: number;
}

export interface ManagedFetchRequest {
  subscriptionId: string;
  developerName: string;
  numRequested: number;
  commitReplayIdRequest: { commitRequestId: string; replayId: Buffer } | null;
}

export interface CommitReplayResponse {
  commitRequestId: string;
  replayId: Buffer;
  error?: { code: 'COMMIT'; msg: string };
  processTime: number;
}

export interface ManagedFetchResponse extends FetchResponse {
  commitResponse?: CommitReplayResponse;
}

export interface PublishRequest {
  topicName: string;
  events: ProducerEvent[];
}

export interface PublishResult {
  replayId?: Buffer;
  error?: { code: 'PUBLISH'; msg: string };
  correlationKey: string;
}

export interface PublishResponse {
  results: PublishResult[];
  schemaId: string;
  rpcId: string;
}
