import { createSecretKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { readPrivateFile } from './private-file';

/** The keys under which payloads of Temporal are encrypted. As key objects, which no logger can print. */
export interface CodecKeys {
  /** Id of the key that new payloads are encrypted with; undefined: nothing new is encrypted, all that was is still read. */
  encryptWith: string | undefined;
  /** By id: 32 bytes each, for AES-256. */
  keys: ReadonlyMap<string, KeyObject>;
}

const KEY_BYTES = 32;

const keysFile = z.strictObject({
  encryptWith: z.string().min(1).optional(),
  keys: z.record(
    z.string().regex(/^[\w.-]{1,64}$/),
    z.base64().refine((text) => Buffer.from(text, 'base64').length === KEY_BYTES),
  ),
});

/** Reads `TEMPORAL_CODEC_KEYS_FILE`. The fault never quotes the file. */
export function readCodecKeys(path: string): { keys: CodecKeys } | { fault: string } {
  const file = readPrivateFile(path);
  if ('fault' in file) return file;
  const parsed = keysFile.safeParse(parse(file.text));
  if (!parsed.success) {
    return { fault: 'names a file that is not {"encryptWith": "id", "keys": {"id": "32 bytes in base64"}}' };
  }
  const { encryptWith } = parsed.data;
  const keys = new Map(
    Object.entries(parsed.data.keys).map(([id, text]) => [id, createSecretKey(Buffer.from(text, 'base64'))]),
  );
  if (encryptWith !== undefined && !keys.has(encryptWith)) {
    return { fault: 'names a file whose encryptWith is none of its keys' };
  }
  return { keys: { encryptWith, keys } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    return undefined;
  }
}
