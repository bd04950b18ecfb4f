import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { faultRoutes } from './control/faults';
import { orgRoutes } from './control/org';
import { recordRoutes } from './control/records';
import { ControlError, type ControlRoute } from './control/route';
import type { SalesforceEmulator } from './index';
import { RestError } from './rest/errors';
import { ownUrl } from './rest/request';
import { SalesforceError } from './store/errors';

/** What the control API works on: the emulator before it listens. */
export type Emulator = Omit<SalesforceEmulator, 'close' | 'loginUrl'>;

/**
 * The control API, below `/control` of the REST server, for people with curl and for tests. It asks for no login: it is
 * for a sandbox that listens on loopback. Errors are `{error, message}` with a 4xx status.
 */
export function controlRoutes(app: FastifyInstance, emulator: Emulator): void {
  // Made anew for the self-description, so that its examples name records that are there now.
  const all = () => [...recordRoutes(emulator), ...faultRoutes(emulator), ...orgRoutes(emulator)];
  void app.register(
    (control, _options, done) => {
      jsonWhateverItIsCalled(control);
      control.setErrorHandler((error, _request, reply) => sendError(error, reply));
      control.setNotFoundHandler((request, reply) =>
        reply.code(404).send({
          error: 'not_found',
          message: `There is no ${request.method} ${request.url.split('?')[0] ?? ''}; GET /control lists the routes`,
        }),
      );
      control.get('/', (request) => selfDescription(all(), ownUrl(request)));
      for (const route of all()) addRoute(control, route);
      done();
    },
    { prefix: '/control' },
  );
}

function addRoute(app: FastifyInstance, { method, path, body: schema, handle }: ControlRoute): void {
  app.route<{ Params: Record<string, string>; Querystring: Record<string, string | undefined> }>({
    method,
    url: path,
    handler: (request, reply) => {
      const { params, query } = request;
      const body: unknown = schema === undefined ? undefined : schema.parse(request.body ?? {});
      const created = method === 'POST' && /^\/(orders|records\/:type|faults|events\/:name)$/.test(path);
      return reply.code(created ? 201 : 200).send(handle({ params, query }, body));
    },
  });
}

function selfDescription(routes: readonly ControlRoute[], origin: string) {
  const curl = ({ method, path, examplePath, exampleBody }: ControlRoute) => {
    const body =
      exampleBody === undefined ? '' : ` -H 'content-type: application/json' -d '${JSON.stringify(exampleBody)}'`;
    return `curl -s${method === 'GET' ? '' : ` -X ${method}`} '${origin}/control${examplePath ?? path}'${body}`;
  };
  return {
    what: 'Control of the Salesforce emulator. The APIs themselves are below /services.',
    routes: Object.fromEntries(
      routes.map((route) => [`${route.method} /control${route.path}`, { does: route.does, try: curl(route) }]),
    ),
  };
}

/** curl calls a body a form unless told otherwise; here every body is JSON. */
function jsonWhateverItIsCalled(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(body as string));
    } catch (error) {
      done(new ControlError(400, `The body is not JSON: ${(error as Error).message}`));
    }
  });
}

function sendError(error: unknown, reply: FastifyReply): FastifyReply {
  if (error instanceof ControlError) {
    return reply
      .code(error.status)
      .send({ error: error.status === 404 ? 'not_found' : 'invalid', message: error.message });
  }
  if (error instanceof z.ZodError) return reply.code(400).send({ error: 'invalid', message: z.prettifyError(error) });
  if (error instanceof SalesforceError || error instanceof RestError) {
    const { errorCode, message, fields = [] } = error;
    return reply.code(422).send({ error: errorCode, message, fields });
  }
  const { statusCode = 500, message, stack } = error as Error & { statusCode?: number };
  return reply.code(statusCode).send({ error: 'failed', message: statusCode < 500 ? message : (stack ?? message) });
}
