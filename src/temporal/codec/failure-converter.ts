import { DefaultFailureConverter, type FailureConverter } from '@temporalio/common';

/** Puts an error's message and stack into a payload, which the codec then encrypts. Loaded by the SDK, by this name. */
export const failureConverter: FailureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
