import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { controlGuide } from './control-guide';
import { clientInput, faultId, ledgerQuery, ordersQuery, productInput, settingsInput } from './control-schemas';
import type { Client, Order, Product } from './entities';
import { faultSchema } from './fault-kinds';
import type { ActiveFault, Faults } from './faults';
import type { Ledger } from './ledger';
import { client, product } from './seed';
import type { Store } from './store';

export interface ControlDeps {
  store: Store;
  ledger: Ledger;
  faults: Faults;
  /** Back to the seed. */
  reset: () => void;
}

/** A request that the control API cannot honour, with the status to say so. */
class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The routes under /control, for people with curl and for tests in other processes. */
export function controlRoutes({ store, ledger, faults, reset }: ControlDeps) {
  return (app: FastifyInstance, _options: object, done: () => void): void => {
    app.setErrorHandler((error, _request, reply) => refuse(error, reply));
    // JSON under any content type, as curl -d sends it; a POST without a body is fine where everything is optional.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, parsed) => {
      try {
        const text = String(body).trim();
        parsed(null, text === '' ? {} : (JSON.parse(text) as unknown));
      } catch {
        parsed(new Refused(400, 'The body is not JSON.'));
      }
    });

    app.get('/control', (request) => controlGuide(`http://${request.host}`));

    app.get('/control/ledger', (request) => {
      const query = ledgerQuery.parse(request.query);
      const entries = ledger
        .entries()
        .filter((entry) => query.kind === undefined || entry.kind === query.kind)
        .filter((entry) => query.after === undefined || entry.seq > query.after)
        .filter(
          (entry) =>
            query.action === undefined ||
            (entry.kind === 'call' && entry.action.toLowerCase() === query.action.toLowerCase()),
        );
      return { entries };
    });
    app.delete('/control/ledger', () => {
      ledger.clear();
      return { cleared: true };
    });

    app.get('/control/orders', (request) => {
      const { status, field } = ordersQuery.parse(request.query);
      const orders = [...store.orders.values()].map((order) => viewOrder(store, order));
      return {
        orders: orders
          .filter((order) => status === undefined || order.status === status)
          .filter(
            (order) =>
              field === undefined ||
              order.services.some((service) =>
                Object.values(service.customFields).some((value) => value.includes(field)),
              ),
          ),
      };
    });

    app.get('/control/clients', () => ({ clients: [...store.clients.values()] }));
    app.post('/control/clients', (request, reply) => {
      const input = clientInput.parse(request.body ?? {});
      if (input.currency !== undefined && !store.currencies.has(input.currency)) {
        throw new Refused(
          422,
          `There is no currency ${input.currency}. Known: ${[...store.currencies.keys()].join(', ')}.`,
        );
      }
      const id = input.id ?? store.nextId('client');
      const saved: Client = { ...(store.clients.get(id) ?? client({ id })), ...given(input), id };
      store.putClient(saved);
      return reply.code(201).send(saved);
    });

    app.get('/control/products', () => ({ products: [...store.products.values()] }));
    app.post('/control/products', (request, reply) => {
      const input = productInput.parse(request.body ?? {});
      const id = input.id ?? Math.max(0, ...store.products.keys()) + 1;
      const known = store.products.get(id) ?? product({ id, name: input.name });
      const saved: Product = { ...known, ...given(input), id };
      store.putProduct(saved);
      return reply.code(201).send(saved);
    });

    app.get('/control/faults', () => ({ faults: faults.list().map(viewFault) }));
    app.post('/control/faults', (request, reply) => {
      const fault = faults.add(faultSchema.parse(request.body ?? {}));
      return reply.code(201).send(viewFault(fault));
    });
    app.delete('/control/faults', () => {
      faults.clear();
      return { faults: [] };
    });
    app.delete('/control/faults/:id', (request) => {
      findFault(faults, request.params).remove();
      return { faults: faults.list().map(viewFault) };
    });
    app.post('/control/faults/:id/release', (request) => {
      const fault = findFault(faults, request.params);
      fault.release();
      return viewFault(fault);
    });

    const settings = () => ({ listShape: faults.listShape, numbers: faults.numbers, ...store.settings });
    app.get('/control/settings', settings);
    app.post('/control/settings', (request) => {
      const { listShape, numbers, ...rest } = settingsInput.parse(request.body ?? {});
      faults.listShape = listShape ?? faults.listShape;
      faults.numbers = numbers ?? faults.numbers;
      store.settings = { ...store.settings, ...given(rest) };
      return settings();
    });

    app.post('/control/reset', () => {
      reset();
      return { reset: true };
    });
    done();
  };
}

function findFault(faults: Faults, params: unknown): ActiveFault {
  const { id } = faultId.parse(params);
  const fault = faults.get(id);
  if (fault === undefined) throw new Refused(404, `There is no fault ${id}. See GET /control/faults.`);
  return fault;
}

function viewFault({ id, fault, hits, active, waiting }: ActiveFault): object {
  return { id, ...fault, hits, active, waiting };
}

/** An order with all that belongs to it, numbers as numbers. */
function viewOrder(store: Store, order: Order) {
  return {
    ...order,
    services: store.servicesOf(order).map((service) => ({
      ...service,
      product: store.products.get(service.pid)?.name ?? null,
      customFields: Object.fromEntries(store.customFieldsOf(service).map(({ field, value }) => [field.name, value])),
    })),
    invoice: store.invoices.get(order.invoiceId) ?? null,
  };
}

/** The properties that were given: zod leaves optional ones undefined. */
function given<T extends object>(input: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as never;
}

function refuse(error: unknown, reply: FastifyReply): FastifyReply {
  const help = 'GET /control lists the routes with examples.';
  if (error instanceof z.ZodError) {
    const issues = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    return reply.code(422).send({ error: 'The request is not valid.', issues, help });
  }
  if (error instanceof Refused) return reply.code(error.status).send({ error: error.message, help });
  return reply.code(500).send({ error: error instanceof Error ? error.message : String(error), help });
}
