import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';
import { ValueError, type Payload, type PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { CodecKeys } from '../../config';

/**
 * Encrypts payloads with AES-256-GCM, in the form of Temporal's own encryption samples, so that codecs of other languages that
 * hold the keys can read them: `encoding` is `binary/encrypted`, `encryption-key-id` names the key, and the data are
 * 12 random bytes, the encrypted Payload message, and the 16 bytes of its tag.
 *
 * What is not encrypted is passed on as it is: histories from before the keys, and what a person sends from the Web UI.
 */

/** The error's message names the key. */
export type OnUnreadable = (error: ValueError) => void;

const ENCRYPTED = 'binary/encrypted';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const { Payload: PayloadMessage } = temporal.api.common.v1;

/** @param onUnreadable told of each payload that cannot be read, since the SDK keeps such errors to itself */
export function createEncryptionCodec(
  { encryptWith, keys }: CodecKeys,
  onUnreadable: OnUnreadable = () => undefined,
): PayloadCodec {
  const current = encryptWith === undefined ? undefined : keys.get(encryptWith);
  return {
    encode: (payloads) => {
      if (encryptWith === undefined || current === undefined) return Promise.resolve(payloads);
      return Promise.resolve(payloads.map((payload) => encrypt(payload, encryptWith, current)));
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- a throw becomes a rejection
    decode: async (payloads) => {
      try {
        return payloads.map((payload) => decrypt(payload, keys));
      } catch (error) {
        if (error instanceof ValueError) onUnreadable(error);
        throw error;
      }
    },
  };
}

function encrypt(payload: Payload, keyId: string, key: KeyObject): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  const message = PayloadMessage.encode(payload).finish();
  const data = Buffer.concat([nonce, cipher.update(message), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding: Buffer.from(ENCRYPTED), 'encryption-key-id': Buffer.from(keyId) }, data };
}

/** @throws ValueError that names the key, where it is unknown or is not the one that the payload was encrypted with. */
function decrypt(payload: Payload, keys: CodecKeys['keys']): Payload {
  if (textOf(payload, 'encoding') !== ENCRYPTED) return payload;
  const keyId = textOf(payload, 'encryption-key-id') ?? '';
  const key = keys.get(keyId);
  if (key === undefined) throw unreadable(keyId, 'is not in TEMPORAL_CODEC_KEYS_FILE');
  const data = Buffer.from(payload.data ?? []);
  const nonce = data.subarray(0, NONCE_BYTES);
  const end = Math.max(data.length - TAG_BYTES, NONCE_BYTES);
  try {
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(data.subarray(end));
    return PayloadMessage.decode(Buffer.concat([decipher.update(data.subarray(NONCE_BYTES, end)), decipher.final()]));
  } catch {
    throw unreadable(keyId, 'is not the key it was encrypted with, or it was altered');
  }
}

const textOf = ({ metadata }: Payload, name: string): string | undefined =>
  metadata?.[name] === undefined ? undefined : Buffer.from(metadata[name]).toString();

function unreadable(keyId: string, why: string): ValueError {
  return new ValueError(`An encrypted payload cannot be read: key "${keyId.slice(0, 64)}" ${why}`);
}
