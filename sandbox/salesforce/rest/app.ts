import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { ApiCall, ApiDeps, Resource } from './api';
import { invalidSession, notFound, RestError } from './errors';
import { requestTarget, strike } from './fault-strike';
import type { LedgerEntry, RequestLedger } from './ledger';
import { oauthRoutes, type LoginDeps } from './oauth';
import { bearerToken, clientName, ownUrl } from './request';
import { collectionResources } from './resources/collections';
import { compositeResources } from './resources/composite';
import { dispatch, errorAnswer } from './resources/dispatch';
import { queryResources } from './resources/query';
import { serviceResources, versions } from './resources/service';
import { sobjectResources } from './resources/sobjects';
import { soapRoutes } from './soap';

export interface RestDeps extends ApiDeps, LoginDeps {
  ledger: RequestLedger;
}

declare module 'fastify' {
  interface FastifyRequest {
    ledgerEntry?: LedgerEntry;
    /** Cut the connection in place of the answer. */
    dropAnswer?: boolean;
  }
}

const simple = [...serviceResources, ...queryResources, ...sobjectResources, ...collectionResources];
const resources: readonly Resource[] = [...simple, ...compositeResources(simple)];

const VERSIONED = /^\/services\/data\/v(\d+\.\d)(\/.*)?$/;
/** The control API: no part of the org, so neither counted nor struck by faults. */
const OUTSIDE = /^\/control(\/|$)/;

/**
 * The REST, OAuth and SOAP endpoints of one org, not listening yet. Other routes (the control API) may be added before
 * it listens. Closing it cuts connections that hang.
 */
export function buildRestApp(deps: RestDeps): FastifyInstance {
  const app = Fastify({
    forceCloseConnections: true,
    bodyLimit: 16 * 1024 * 1024,
    // Ids and SOQL make long URLs; Salesforce takes 16 KB.
    http: { maxHeaderSize: 64 * 1024 },
    routerOptions: { maxParamLength: 4096 },
    frameworkErrors: (error, _request, reply) => void sendError(error, reply),
  });
  bodyParsers(app);
  keepLedger(app, deps);
  app.addHook('preHandler', async (request, reply) => {
    if (OUTSIDE.test(request.url)) return;
    const target = requestTarget(request);
    await deps.faults.holds.pass(target);
    const fault = deps.faults.strikeRequest(target);
    if (fault === undefined) return;
    if (request.ledgerEntry) request.ledgerEntry.fault = fault.kind;
    await strike(fault, request, reply);
  });
  oauthRoutes(app, deps);
  soapRoutes(app, deps);
  app.get('/services/data', () => versions());
  app.route({
    method: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
    url: '/services/data/*',
    handler: (request, reply) => answer(deps, request, reply),
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send(notFound(`No resource at ${request.method} ${request.url.split('?')[0] ?? ''}`).body()),
  );
  app.setErrorHandler((error, _request, reply) => sendError(error, reply));
  return app;
}

function answer(deps: RestDeps, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  try {
    const { status, headers = {}, body } = dispatch(apiCall(deps, request), deps, resources);
    return reply.code(status).headers(headers).send(body);
  } catch (error) {
    return sendError(error, reply);
  }
}

/** @throws RestError INVALID_SESSION_ID, or NOT_FOUND for a path without a version. */
function apiCall(deps: RestDeps, request: FastifyRequest): ApiCall {
  const session = deps.sessions.validate(bearerToken(request) ?? '');
  if (typeof session === 'string') throw invalidSession();
  const url = new URL(request.url, 'http://host');
  const match = VERSIONED.exec(url.pathname);
  if (match === null) throw notFound();
  deps.usage.used++;
  const apiVersion = match[1]!;
  const client = clientName(request);
  const meta = { userId: session.userId, apiVersion, ...(client === undefined ? {} : { clientName: client }) };
  return {
    method: request.method,
    path: decodeURIComponent(match[2] ?? '').replace(/\/+$/, ''),
    query: url.searchParams,
    headers: request.headers as Record<string, string | undefined>,
    body: request.body,
    apiVersion,
    session,
    origin: ownUrl(request),
    meta,
    write: (work) => deps.store.transaction(meta, work),
  };
}

function sendError(error: unknown, reply: FastifyReply): FastifyReply {
  try {
    const { status, body } = errorAnswer(error);
    return reply.code(status).send(body);
  } catch {
    const { statusCode, message } = error as { statusCode?: number; message?: string };
    if (statusCode !== undefined && statusCode < 500) {
      return reply.code(statusCode).send(new RestError(statusCode, 'INVALID_INPUT', message ?? 'bad request').body());
    }
    // A fault of the sandbox itself. It is told in full: whoever runs it should see where it broke.
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return reply.code(500).send(new RestError(500, 'UNKNOWN_EXCEPTION', `The sandbox failed: ${told}`).body());
  }
}

function bodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(/^application\/json/, { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(body as string));
    } catch (error) {
      done(new RestError(400, 'JSON_PARSER_ERROR', (error as Error).message));
    }
  });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, new URLSearchParams(body as string)),
  );
  app.addContentTypeParser(/^(text|application)\/xml/, { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') {
      done(null, undefined);
      return;
    }
    const type = request.headers['content-type'] ?? '';
    const message = `Content-Type header specified in HTTP request is not supported: ${type}`;
    done(new RestError(415, 'UNSUPPORTED_MEDIA_TYPE', message));
  });
}

function keepLedger(app: FastifyInstance, deps: RestDeps): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const url = new URL(request.url, 'http://host');
    if (OUTSIDE.test(url.pathname)) {
      done();
      return;
    }
    const soql = url.searchParams.get('q');
    const client = clientName(request);
    const entry: LedgerEntry = {
      at: deps.clock.now(),
      method: request.method,
      path: url.pathname,
      ...(soql === null ? {} : { soql }),
      ...(client === undefined ? {} : { client }),
    };
    request.ledgerEntry = entry;
    deps.ledger.record(entry);
    done();
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    if (request.url.startsWith('/services/data')) {
      void reply.header('Sforce-Limit-Info', `api-usage=${deps.usage.used}/${deps.usage.allocation}`);
    }
    // From here on nothing is written: the client sees a connection that broke after its request.
    if (request.dropAnswer === true) request.raw.socket.destroy();
    else if (request.ledgerEntry) request.ledgerEntry.status = reply.statusCode;
    done(null, payload);
  });
}
