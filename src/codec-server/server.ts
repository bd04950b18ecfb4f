import { createHash, timingSafeEqual } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { JSONToPayload, payloadToJSON, type JSONPayload } from '@temporalio/common/lib/proto-utils';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { requestLimit } from '../limits/requests';

export interface CodecServerDeps {
  codec: PayloadCodec;
  /** Of the Web UI: scheme, host and port. A browser at any other is refused. */
  origins: readonly string[];
  /** Whoever asks must send it as a bearer token. */
  token?: string | undefined;
  /** How long a request may take to come, ms. */
  requestLimitMs?: number | undefined;
}

/** Temporal's own limit of a gRPC message. */
const LARGEST_BODY = 4 * 1024 * 1024;

const PAYLOADS = {
  type: 'object',
  required: ['payloads'],
  properties: {
    payloads: {
      type: 'array',
      maxItems: 10_000,
      items: {
        type: 'object',
        properties: {
          metadata: { type: 'object', additionalProperties: { type: 'string' } },
          data: { type: 'string' },
        },
      },
    },
  },
} as const;

/**
 * Decodes and encodes payloads for Temporal's Web UI and command line (docs.temporal.io, "Codec Server"): `POST /decode`, `POST /encode`,
 * `{payloads: [{metadata, data}]}` in base64, both ways. Whoever may ask reads everything, so a browser must come from one of the
 * origins, and everybody must bring the token where there is one. Routes that others add are outside of both.
 */
export function buildCodecServer({ codec, origins, token, requestLimitMs }: CodecServerDeps): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: LARGEST_BODY, ...requestLimit(requestLimitMs) });
  const isAllowed = token === undefined ? () => true : sameAs(`Bearer ${token}`);
  void app.register((scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      if (!admitOrigin(request, reply, origins)) return refuse(reply, 403, 'ORIGIN_NOT_ALLOWED');
      // A browser asks first, without the token.
      if (request.method !== 'OPTIONS' && !isAllowed(request.headers.authorization ?? '')) {
        return refuse(reply.header('www-authenticate', 'Bearer'), 401, 'UNAUTHORIZED');
      }
      return undefined;
    });
    scope.options('/*', (_request, reply) => reply.code(204).send());
    for (const direction of ['decode', 'encode'] as const) {
      scope.post<{ Body: { payloads: JSONPayload[] } }>(
        `/${direction}`,
        { schema: { body: PAYLOADS } },
        async ({ body }, reply) => {
          const payloads: Payload[] = body.payloads.map(JSONToPayload);
          try {
            return { payloads: (await codec[direction](payloads)).map(payloadToJSON) };
          } catch (error) {
            return refuse(reply, 400, 'CANNOT_DECODE', error instanceof Error ? error.message : undefined);
          }
        },
      );
    }
    return Promise.resolve();
  });
  return app;
}

/** Sets the CORS headers. False for a browser at a foreign origin, be it by a name that was made to lead here. */
function admitOrigin(request: FastifyRequest, reply: FastifyReply, origins: readonly string[]): boolean {
  const { origin } = request.headers;
  void reply.header('vary', 'origin').header('cache-control', 'no-store');
  if (origin === undefined) return true;
  if (!origins.includes(origin)) return false;
  void reply
    .header('access-control-allow-origin', origin)
    .header('access-control-allow-methods', 'POST')
    .header('access-control-allow-headers', 'authorization, content-type, x-namespace')
    .header('access-control-max-age', '600');
  return true;
}

function refuse(reply: FastifyReply, status: number, code: string, message?: string): FastifyReply {
  return reply.code(status).send({ error: { code, ...(message === undefined ? {} : { message }) } });
}

/** Compared by digest, so that the time taken tells neither length nor prefix. */
function sameAs(expected: string): (given: string) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const wanted = digest(expected);
  return (given) => timingSafeEqual(digest(given), wanted);
}
