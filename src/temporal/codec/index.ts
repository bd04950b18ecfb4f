import type { DataConverter } from '@temporalio/common';
import type { CodecKeys } from '../../config';
import { createEncryptionCodec, type OnUnreadable } from './encryption-codec';

export { createEncryptionCodec } from './encryption-codec';

/**
 * What client and worker must both be given, so that each reads what the other wrote. Without keys the SDK's own.
 *
 * With keys that only decode, failures too stay as they are: nothing is hidden that is not encrypted.
 */
export function dataConverterFor(keys: CodecKeys | undefined, onUnreadable?: OnUnreadable): DataConverter | undefined {
  if (keys === undefined) return undefined;
  return {
    payloadCodecs: [createEncryptionCodec(keys, onUnreadable)],
    ...(keys.encryptWith === undefined ? {} : { failureConverterPath: require.resolve('./failure-converter') }),
  };
}
