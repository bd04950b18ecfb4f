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

/** A value as it is sent. */
interface Rendering {
  body: Buffer;
  tag: string;
}

function render(value: object): Rendering {
  const text = JSON.stringify(value);
  return { body: Buffer.from(text), tag: entityTag(text) };
}

/**
 * Sends values as JSON with their tags. The caches give the same frozen object for the same bytes, so that a value is written
 * out once and not for each request: of a catalog of 3 MB that is the dearest part of an answer.
 */
export class ConditionalSender {
  readonly #renderings = new WeakMap<object, Rendering>();

  /** 200, or 304. Browsers may keep it and must ask each time (`no-cache`): whether it is still true is known here only. */
  send(request: FastifyRequest, reply: FastifyReply, value: object): FastifyReply {
    const { body, tag } = this.#rendering(value);
    void reply.header('etag', tag).header('cache-control', 'private, no-cache').header('vary', 'authorization');
    if (isUnchanged(request.headers['if-none-match'], tag)) return reply.code(304).send();
    return reply.type('application/json; charset=utf-8').send(body);
  }

  #rendering(value: object): Rendering {
    const known = this.#renderings.get(value);
    if (known !== undefined) return known;
    const rendering = render(value);
    // What may still change must be written out each time.
    if (Object.isFrozen(value)) this.#renderings.set(value, rendering);
    return rendering;
  }
}
