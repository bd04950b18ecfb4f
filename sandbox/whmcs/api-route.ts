import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { serve, type CallDeps } from './call';
import { decodeCustomFields } from './custom-fields';
import { findAction } from './actions';
import { Params } from './params';
import { parsePhpForm } from './php-form';

/** Where WHMCS has its API, relative to the installation. */
export const API_PATH = '/includes/api.php';

/** Answers `POST /includes/api.php`. Only a form is understood: a JSON body leaves PHP's `$_POST` empty. */
export function apiRoute(deps: CallDeps) {
  return (app: FastifyInstance, _options: object, done: () => void): void => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, parsed) => {
      parsed(null, body);
    });
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, parsed) => {
      parsed(null, '');
    });
    app.route({ method: ['GET', 'POST'], url: API_PATH, handler: (request, reply) => handle(deps, request, reply) });
    done();
  };
}

async function handle(deps: CallDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const query = request.url.split('?')[1] ?? '';
  const inUrl = new Params(parsePhpForm(query));
  const body = typeof request.body === 'string' ? request.body : '';
  // $_REQUEST: the body wins over the URL.
  const params = new Params(new Map([...parsePhpForm(query), ...parsePhpForm(body)]));
  const sent = params.text('action');
  const entry = deps.ledger.begin({
    action: findAction(sent)?.name ?? sent,
    params: params.redacted(),
    customFields: Object.fromEntries(
      [...params.array('customfields')].map(([key, text]) => [key, Object.fromEntries(decodeCustomFields(text))]),
    ),
    credentialInUrl: ['identifier', 'secret', 'accesskey', 'username', 'password'].some((name) => inUrl.has(name)),
  });
  // The response closes early if the client gives up; the call itself goes on, as PHP does.
  reply.raw.once('close', () => {
    if (entry.outcome === 'open') entry.outcome = 'lost';
  });
  const wire = await serve(deps, { entry, params, ip: request.ip, generation: deps.store.generation });
  if (wire === 'lost' || request.raw.socket.destroyed) {
    entry.outcome = 'lost';
    reply.hijack();
    request.raw.socket.destroy();
    return reply;
  }
  entry.outcome = 'answered';
  entry.status = wire.status;
  return reply.code(wire.status).headers(wire.headers).send(wire.body);
}
