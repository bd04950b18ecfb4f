import type { FastifyReply } from 'fastify';
import { CacheOverloadedError, SourceFailedError } from '../cache';
import { ProvisioningFailure } from '../domain/failure';

/** What a request can end in besides an answer. Bodies are `{ error: { code, message } }` and tell nothing of the inside. */
export const REFUSALS = {
  INVALID_ID: { status: 400, message: 'The id is not a Salesforce id of that kind: 15 or 18 letters and digits.' },
  BAD_REQUEST: { status: 400, message: 'The request cannot be understood.' },
  UNAUTHORIZED: { status: 401, message: 'Give a valid bearer token.' },
  NOT_FOUND: { status: 404, message: 'There is no such thing here.' },
  INTERNAL: { status: 500, message: 'The portal failed; the cause is in its log.' },
  SOURCE_UNAVAILABLE: { status: 503, message: 'Salesforce cannot be read now; try again in a moment.' },
  OVERLOADED: { status: 503, message: 'Too many requests wait for Salesforce; try again in a moment.' },
  /** Nobody is told. */
  CALLER_GONE: { status: 499, message: 'Whoever asked has gone.' },
  TIME_LIMIT: { status: 504, message: 'The answer took too long; try again in a moment.' },
} as const;
export type RefusalCode = keyof typeof REFUSALS;

/** Thrown by a route to end its request. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(readonly code: RefusalCode) {
    super(REFUSALS[code].message);
  }
}

/** What `error` means to whoever asked. */
export function refusalOf(error: unknown): RefusalCode {
  if (error instanceof Refusal) return error.code;
  if (error instanceof CacheOverloadedError) return 'OVERLOADED';
  if (error instanceof SourceFailedError) return 'SOURCE_UNAVAILABLE';
  if (error instanceof ProvisioningFailure) return error.code === 'INVALID_ID' ? 'INVALID_ID' : 'SOURCE_UNAVAILABLE';
  const { statusCode, code, name } = (error ?? {}) as { statusCode?: unknown; code?: unknown; name?: unknown };
  if (code === 'FST_ERR_HANDLER_TIMEOUT') return 'TIME_LIMIT';
  if (name === 'AbortError') return 'CALLER_GONE';
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? 'BAD_REQUEST' : 'INTERNAL';
}

export function refuse(reply: FastifyReply, code: RefusalCode): FastifyReply {
  const { status, message } = REFUSALS[code];
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  if (status >= 503) void reply.header('retry-after', '1');
  return reply.code(status).header('cache-control', 'no-store').send({ error: { code, message } });
}
