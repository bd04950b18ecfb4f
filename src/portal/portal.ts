import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { CatalogCache, OrdersCache } from '../cache';
import { idOrUndefined, parseAccountId, parseOrderId, type OrderId } from '../domain/record-id';
import { REQUEST_LIMIT_MS, requestLimit } from '../limits/requests';
import { authenticator, mayRead, type Authenticate, type Caller, type PortalAccess } from './access';
import { ConditionalSender } from './conditional';
import { refusalOf, Refusal, REFUSALS, refuse, type RefusalCode } from './failures';
import type { OnAnswer } from './metrics';
import { openApi } from './openapi';

export interface PortalDeps {
  orders: Pick<OrdersCache, 'readOrder' | 'readAccountOrders'>;
  catalog: Pick<CatalogCache, 'readCatalog'>;
  access: PortalAccess;
  /** How long a request may take, ms; {@link REQUEST_LIMIT_MS} unless given. */
  requestLimitMs?: number;
  /** Told of failures that are nobody's fault but ours, or Salesforce's. */
  onFailure?: (error: unknown, failed: FailedRead) => void;
  onAnswer?: OnAnswer;
}

/** A read that was answered with a 5xx: whatever is known of it that is no customer's data. */
export interface FailedRead {
  /** The pattern, e.g. `/orders/:orderId`. */
  route: string;
  code: RefusalCode;
  orderId?: OrderId;
}

/**
 * The portal's reads over the caches: `GET /orders/:orderId`, `GET /accounts/:accountId/orders`, `GET /catalog`, and
 * `GET /openapi.json`. Routes that are added to the instance by others (health, metrics) are outside the authentication.
 * @throws Error when the access cannot be set up (a JWT key that is none).
 */
export function buildPortal(deps: PortalDeps): FastifyInstance {
  const authenticate = authenticator(deps.access);
  const app = Fastify({
    logger: false,
    bodyLimit: 1024,
    ...requestLimit(deps.requestLimitMs),
    // Longer than the caches' `waitLimitMs`, or who waited for another process has nothing of it.
    // A read of Salesforce under way goes on and fills the cache for the next; nothing more is begun (request.signal).
    handlerTimeout: deps.requestLimitMs ?? REQUEST_LIMIT_MS,
    // So that a hostile id gets an answer about the id.
    routerOptions: { maxParamLength: 1000 },
    frameworkErrors: (error, _request, reply) => {
      void refuse(reply, refusalOf(error));
    },
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, 'NOT_FOUND'));
  app.setErrorHandler((error, request, reply) => {
    const code = refusalOf(error);
    if (REFUSALS[code].status >= 500) deps.onFailure?.(error, failedRead(request, code));
    return refuse(reply, code);
  });
  app.get('/openapi.json', () => openApi());
  void app.register((scope) => {
    reads(scope, deps, authenticate);
    return Promise.resolve();
  });
  return app;
}

function failedRead(request: FastifyRequest, code: RefusalCode): FailedRead {
  const orderId = idOrUndefined(parseOrderId, (request.params as { orderId?: unknown }).orderId);
  return { route: routeOf(request), code, ...(orderId === undefined ? {} : { orderId }) };
}

const routeOf = ({ routeOptions }: FastifyRequest): string => routeOptions.url ?? '';

function reads(scope: FastifyInstance, { orders, catalog, onAnswer }: PortalDeps, authenticate: Authenticate): void {
  scope.addHook('onResponse', (request, reply, done) => {
    onAnswer?.(routeOf(request), reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
  const callers = new WeakMap<FastifyRequest, Caller>();
  const sender = new ConditionalSender();
  scope.addHook('onRequest', async (request) => {
    const caller = authenticate(request.headers.authorization);
    if (caller === undefined) throw new Refusal('UNAUTHORIZED');
    callers.set(request, caller);
    return Promise.resolve();
  });
  const callerOf = (request: FastifyRequest): Caller => {
    const caller = callers.get(request);
    if (caller === undefined) throw new Refusal('UNAUTHORIZED');
    return caller;
  };

  scope.get<{ Params: { orderId: string } }>('/orders/:orderId', async (request, reply) => {
    const orderId = parseOrderId(request.params.orderId);
    const { value, outcome } = await orders.readOrder(orderId, { signal: request.signal });
    const caller = callerOf(request);
    const isTheirs = value !== undefined && mayRead(caller, value.accountId);
    // Whether another account's order exists must not show in how it was come by.
    if (isTheirs || caller.may === 'everything') void reply.header('x-cache', outcome);
    if (!isTheirs) throw new Refusal('NOT_FOUND');
    return sender.send(request, reply, value);
  });

  scope.get<{ Params: { accountId: string } }>('/accounts/:accountId/orders', async (request, reply) => {
    const accountId = parseAccountId(request.params.accountId);
    if (!mayRead(callerOf(request), accountId)) throw new Refusal('NOT_FOUND');
    const { value, outcome } = await orders.readAccountOrders(accountId, { signal: request.signal });
    void reply.header('x-cache', outcome);
    return sender.send(request, reply, value);
  });

  scope.get('/catalog', async (request, reply) => {
    const { value, outcome } = await catalog.readCatalog({ signal: request.signal });
    void reply.header('x-cache', outcome);
    return sender.send(request, reply, value);
  });
}
