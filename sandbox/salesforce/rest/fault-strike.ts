import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { invalidSession, RestError } from './errors';
import type { FaultTarget, RequestFault } from './faults';

const MAINTENANCE_PAGE =
  '<html><head><title>Salesforce - Service Unavailable</title></head><body><h1>We are down for maintenance.</h1><p>Sorry for the inconvenience. We will be back shortly.</p></body></html>';

function typesIn(body: unknown): string[] {
  if (typeof body !== 'object' || body === null) return [];
  const records = (body as { records?: unknown }).records;
  if (!Array.isArray(records)) return [];
  return records.flatMap((record: { attributes?: { type?: unknown } } | null) => {
    const type = record?.attributes?.type;
    return typeof type === 'string' ? [type] : [];
  });
}

/** What a request is about, for faults to match. */
export function requestTarget(request: FastifyRequest): FaultTarget {
  const url = new URL(request.url, 'http://host');
  const inPath = /\/sobjects\/(\w+)/.exec(url.pathname)?.[1];
  const inSoql = /\bFROM\s+(\w+)\s*(?:WHERE|ORDER|LIMIT|GROUP|USING|FOR|OFFSET|WITH|$)/i.exec(
    url.searchParams.get('q') ?? '',
  )?.[1];
  const objects = [inPath, inSoql].filter((name) => name !== undefined);
  const query = [...url.searchParams].map(([name, value]) => `${name}=${value}`).join('&');
  return {
    method: request.method,
    path: query === '' ? url.pathname : `${url.pathname}?${query}`,
    objects: [...new Set([...objects, ...typesIn(request.body)])],
    body: request.body === undefined ? '' : JSON.stringify(request.body),
  };
}

/** Does to the request what the fault says; returns where the request then goes on. @throws RestError as its answer. */
export async function strike(fault: RequestFault, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  switch (fault.kind) {
    case 'error':
      throw new RestError(fault.status, fault.errorCode, fault.message);
    case 'unavailable':
      if (fault.format === 'json') throw new RestError(503, 'SERVER_UNAVAILABLE', 'Server Unavailable');
      // Sending here ends the request: the handler is not run.
      await reply.code(503).type('text/html').send(MAINTENANCE_PAGE);
      return;
    case 'requestLimitExceeded':
      throw new RestError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
    case 'unknownException':
      throw new RestError(
        500,
        'UNKNOWN_EXCEPTION',
        'An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1234567890)',
      );
    case 'invalidSession':
      throw invalidSession();
    case 'latency':
      await delay(fault.ms, undefined, { ref: false });
      return;
    case 'hang':
      await new Promise<never>(() => undefined);
      return;
    case 'loseBeforeCommit':
      reply.hijack();
      request.raw.socket.destroy();
      return;
    case 'commitThenLose':
      request.dropAnswer = true;
  }
}
