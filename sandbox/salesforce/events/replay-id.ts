/**
 * Replay ids. In recorded traffic (pub-sub-api-node-client issues 27 and 36) they are ten bytes: a big-endian counter
 * of eight and two that are zero. The client reads the first eight and sends back eight, and the service takes both.
 * To a subscriber they are opaque: not contiguous, and only ever meant for the topic that gave them.
 */
const BYTES = 10;

export function toReplayId(position: bigint): Buffer {
  const replayId = Buffer.alloc(BYTES);
  replayId.writeBigUInt64BE(position);
  return replayId;
}

/** The position of a replay id; undefined when it is not one. */
export function fromReplayId(replayId: Buffer): bigint | undefined {
  if (replayId.length !== 8 && replayId.length !== BYTES) return undefined;
  return replayId.readBigUInt64BE();
}
