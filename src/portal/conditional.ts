import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A strong validator: equal bytes, equal tag (RFC 9110, 8.8.3). */
export function entityTag(body: string): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
}

/** Whether `If-None-Match` names the tag: a list or `*`, compared weakly (RFC 9110, 13.1.2). */
export function isUnchanged(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((given) => given.trim().replace(/^W\//, '') === tag);
}

/**
 * Sends `value` as JSON with its tag, or 304. Browsers may keep it and must ask each time (`no-cache`): whether it is still
 * true is known here only.
 */
export function sendConditional(request: FastifyRequest, reply: FastifyReply, value: unknown): FastifyReply {
  const body = JSON.stringify(value);
  const tag = entityTag(body);
  void reply.header('etag', tag).header('cache-control', 'private, no-cache').header('vary', 'authorization');
  if (isUnchanged(request.headers['if-none-match'], tag)) return reply.code(304).send();
  return reply.type('application/json; charset=utf-8').send(body);
}
