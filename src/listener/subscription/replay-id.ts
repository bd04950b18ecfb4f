/**
 * A replay id: the position of an event in its topic's stream. Bytes that are opaque (Pub/Sub API guide, "Event Message
 * Durability") and are seen to be a growing 64-bit number, big-endian, followed by two zero bytes.
 *
 * As text it is that number in decimal, since a JavaScript number holds 53 bits only. An id of any other shape is kept
 * whole as `0x` and its bytes, so that nothing is ever rounded or cut.
 */
declare const brand: unique symbol;
declare const keyBrand: unique symbol;
export type ReplayId = string & { readonly [brand]: 'ReplayId' };

const MAX = 2n ** 64n - 1n;
const NUMBER_BYTES = 8;
/** Every number of so many digits is exact as a JavaScript number. */
const EXACT_DIGITS = 15;

/** @throws RangeError where `text` is no replay id. */
export function parseReplayId(text: string): ReplayId {
  const id = replayIdOrUndefined(text);
  if (id === undefined) throw new RangeError('A replay id is a whole number between 0 and 18446744073709551615');
  return id;
}

/** Leading zeros are dropped. Undefined where `text` is neither a whole number of 64 bits nor bytes in hexadecimal. */
export function replayIdOrUndefined(text: unknown): ReplayId | undefined {
  if (typeof text !== 'string') return undefined;
  if (/^0x(?:[0-9a-f]{2}){1,64}$/.test(text)) return text as ReplayId;
  if (!/^\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value <= MAX ? (value.toString() as ReplayId) : undefined;
}

/** Undefined where there are no bytes. */
export function replayIdOfBytes(bytes: Uint8Array | undefined): ReplayId | undefined {
  if (bytes === undefined || bytes.byteLength === 0) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isNumber = buffer.length >= NUMBER_BYTES && buffer.subarray(NUMBER_BYTES).every((byte) => byte === 0);
  return (isNumber ? buffer.readBigUInt64BE().toString() : `0x${buffer.toString('hex')}`) as ReplayId;
}

/** As it is sent back. Salesforce takes the number's 8 bytes alone. */
export function bytesOfReplayId(id: ReplayId): Buffer {
  if (id.startsWith('0x')) return Buffer.from(id.slice(2), 'hex');
  const bytes = Buffer.alloc(NUMBER_BYTES);
  bytes.writeBigUInt64BE(BigInt(id));
  return bytes;
}

/** Of a replay id: text that compares as the ids do in their stream, so that one comparison does not cost a parse of both. */
export type ReplayKey = string & { readonly [keyBrand]: 'ReplayKey' };

export function keyOfReplayId(id: ReplayId): ReplayKey {
  const isSmall = id.length <= EXACT_DIGITS && !id.startsWith('0x');
  return (isSmall ? bytesOfNumber(Number(id)) : bytesOfReplayId(id).toString('latin1')) as ReplayKey;
}

/** Its 8 bytes, big-endian, as characters. Without a BigInt and a buffer, which cost each event more than all else in the ledger. */
function bytesOfNumber(value: number): string {
  const high = Math.floor(value / 2 ** 32);
  const low = value >>> 0;
  // prettier-ignore
  return String.fromCharCode(
    high >>> 24, (high >>> 16) & 255, (high >>> 8) & 255, high & 255,
    low >>> 24, (low >>> 16) & 255, (low >>> 8) & 255, low & 255,
  );
}

/** Negative where `a` lies before `b`, positive where behind. Keys of different streams must not be compared. */
export function compareReplayKeys(a: ReplayKey, b: ReplayKey): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Whether `a` lies behind `b` in one stream. Ids of different streams must not be compared. */
export function isAfter(a: ReplayId, b: ReplayId): boolean {
  return compareReplayKeys(keyOfReplayId(a), keyOfReplayId(b)) > 0;
}
