/** Redis could not do what was asked: down, slow, read-only, out of memory. An invalidation that rejects with it was not done. */
export class CacheUnavailableError extends Error {
  override readonly name = 'CacheUnavailableError';
  readonly code = 'CACHE_UNAVAILABLE';
}

/**
 * This reader cannot have Salesforce read for it now: too many wait for their turn, or the turn did not come in time, or
 * another reader's read takes too long. Nothing is wrong with the caches: try again later.
 */
export class CacheOverloadedError extends Error {
  override readonly name = 'CacheOverloadedError';
  readonly code = 'CACHE_OVERLOADED';
}

/** Another reader's read of Salesforce failed a moment ago; its failure is shared instead of repeated. */
export class SourceFailedError extends Error {
  override readonly name = 'SourceFailedError';
  readonly code = 'SOURCE_FAILED';
  constructor(
    message: string,
    /** The failure's code in the error catalogue, e.g. `SF_UNREACHABLE`, where it has one. */
    readonly sourceCode: string | undefined,
  ) {
    super(message);
  }
}
