/** How long a request may take to come, ms: who sends it byte by byte is hung up on. */
export const REQUEST_LIMIT_MS = 10_000;

/** How often Node looks for requests that took too long, at most; of itself every 30 s only. */
const LOOK_EVERY_MS = 1_000;

/**
 * Fastify's options for it. `requestTimeout` alone does not do: Node takes the smaller of it and `headersTimeout` (60 s) for the
 * headers, and the greater for the whole, so that a body might take a minute.
 */
export function requestLimit(limitMs = REQUEST_LIMIT_MS) {
  const connectionsCheckingInterval = Math.min(LOOK_EVERY_MS, limitMs);
  return { requestTimeout: limitMs, http: { headersTimeout: limitMs, connectionsCheckingInterval } };
}
