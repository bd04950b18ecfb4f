import { createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import fc from 'fast-check';
import type { CodecKeys } from '../../src/config';
import { createEncryptionCodec, dataConverterFor } from '../../src/temporal/codec';

const OLD = randomBytes(32);
const NEW = randomBytes(32);
const keysOf = (encryptWith: string | undefined, keys: Record<string, Buffer>): CodecKeys => ({
  encryptWith,
  keys: new Map(Object.entries(keys).map(([id, bytes]) => [id, createSecretKey(bytes)])),
});
const codecOf = (...given: Parameters<typeof keysOf>) => createEncryptionCodec(keysOf(...given));
const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (payload: Payload): unknown => defaultPayloadConverter.fromPayload(payload);
const only = async (payloads: Promise<Payload[]>): Promise<Payload> => (await payloads)[0]!;
const textOf = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('latin1');

it('gives back what was put in, and shows nothing of it meanwhile', async () => {
  const codec = codecOf('old', { old: OLD });
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.uuid(), async (value, mark) => {
      const payload = payloadOf({ value, mark });
      const encrypted = await only(codec.encode([payload]));
      expect(textOf(encrypted.data)).not.toContain(mark);
      expect(textOf(encrypted.metadata?.['encoding'])).toBe('binary/encrypted');
      expect(valueOf(await only(codec.decode([encrypted])))).toEqual(valueOf(payload));
    }),
    { numRuns: 50 },
  );
});

it('writes the form of Temporal’s encryption samples: nonce, encrypted Payload message, tag', async () => {
  const { data, metadata } = await only(codecOf('old', { old: OLD }).encode([payloadOf('hello')]));
  const bytes = Buffer.from(data ?? []);
  const decipher = createDecipheriv('aes-256-gcm', OLD, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(-16));
  const message = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
  expect(valueOf(temporal.api.common.v1.Payload.decode(message))).toBe('hello');
  expect(textOf(metadata?.['encryption-key-id'])).toBe('old');
});

it('never uses a nonce twice', async () => {
  const encrypted = await codecOf('old', { old: OLD }).encode(Array.from({ length: 100 }, () => payloadOf('same')));
  expect(new Set(encrypted.map(({ data }) => textOf(data).slice(0, 12))).size).toBe(100);
});

describe('rotation', () => {
  it('reads what the old key wrote, and writes with the new one', async () => {
    const before = await only(codecOf('old', { old: OLD }).encode([payloadOf(1)]));
    const rotated = codecOf('new', { old: OLD, new: NEW });
    expect(valueOf(await only(rotated.decode([before])))).toBe(1);
    const after = await only(rotated.encode([payloadOf(2)]));
    expect(textOf(after.metadata?.['encryption-key-id'])).toBe('new');
    // A process that was given the new key and does not write with it yet.
    expect(valueOf(await only(codecOf('old', { old: OLD, new: NEW }).decode([after])))).toBe(2);
  });

  it('passes on what was never encrypted, and encrypts nothing without encryptWith', async () => {
    const plain = payloadOf({ orderId: '801' });
    expect(await codecOf('old', { old: OLD }).decode([plain])).toEqual([plain]);
    expect(await codecOf(undefined, { old: OLD }).encode([plain])).toEqual([plain]);
    expect(dataConverterFor(keysOf(undefined, { old: OLD }))).not.toHaveProperty('failureConverterPath');
    expect(dataConverterFor(undefined)).toBeUndefined();
  });
});

describe('says which key it misses', () => {
  it.each([
    ['that was removed', {}, /key "old" is not in TEMPORAL_CODEC_KEYS_FILE/],
    ['whose bytes are others', { old: NEW }, /key "old" is not the key it was encrypted with, or it was altered/],
  ])('%s', async (_, keys, words) => {
    const encrypted = await codecOf('old', { old: OLD }).encode([payloadOf('x')]);
    const told: string[] = [];
    const codec = createEncryptionCodec(keysOf(undefined, keys), ({ message }) => told.push(message));
    await expect(codec.decode(encrypted)).rejects.toThrow(words);
    expect(told).toEqual([expect.stringMatching(words)]);
  });

  it.each([0, 15, -1])('where byte %i was altered, and where the end was cut off', async (at) => {
    const codec = codecOf('old', { old: OLD });
    const encrypted = await only(codec.encode([payloadOf('x')]));
    const data = Buffer.from(encrypted.data ?? []);
    for (const altered of [
      data.map((byte, index) => (index === (at + data.length) % data.length ? byte ^ 1 : byte)),
      data.subarray(0, 20),
      data.subarray(0, 3),
    ]) {
      await expect(codec.decode([{ ...encrypted, data: altered }])).rejects.toThrow(/altered/);
    }
  });
});
