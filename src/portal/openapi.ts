import { z } from 'zod';
import { REFUSALS, type RefusalCode } from './failures';
import { catalogSchema, orderSchema, refusalSchema } from './schemas';

type Json = Record<string, unknown>;

const X_CACHE = {
  description:
    'How the answer was come by. bypass: Salesforce was read without the cache, since Redis is away, the value is too large for it, or another read took too long.',
  schema: { type: 'string', enum: ['hit', 'miss', 'coalesced', 'bypass'] },
};
const ETAG = { description: 'For If-None-Match', schema: { type: 'string' } };

const COMMON: RefusalCode[] = ['UNAUTHORIZED', 'INTERNAL', 'SOURCE_UNAVAILABLE', 'OVERLOADED', 'TIME_LIMIT'];

/** The portal's description: OpenAPI 3.1, whose schemas are made from the ones that the tests hold the answers to. */
export function openApi(): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'order-provisioning portal',
      version: '1',
      description: 'Orders and catalog as a customer sees them, read through caches that change when Salesforce does.',
    },
    security: [{ bearer: [] }],
    paths: {
      '/orders/{orderId}': {
        get: operation(
          'readOrder',
          'An order',
          { $ref: '#/components/schemas/Order' },
          ['INVALID_ID', 'NOT_FOUND'],
          [idParameter('orderId', '801', 'Id of the order, 15 or 18 characters')],
        ),
      },
      '/accounts/{accountId}/orders': {
        get: operation(
          'readAccountOrders',
          'The orders of an account; empty for one that has none',
          { type: 'array', items: { $ref: '#/components/schemas/Order' } },
          ['INVALID_ID', 'NOT_FOUND'],
          [idParameter('accountId', '001', 'Id of the account, 15 or 18 characters')],
        ),
      },
      '/catalog': {
        get: operation('readCatalog', 'Active products with prices', { $ref: '#/components/schemas/Catalog' }, [], []),
      },
    },
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'The service token, or a customer’s JWT whose claim `account` is a Salesforce account id: it reads that account’s orders only.',
        },
      },
      schemas: {
        Order: schemaOf(orderSchema),
        Catalog: schemaOf(catalogSchema),
        Refusal: schemaOf(refusalSchema),
      },
    },
  };
}

function schemaOf(schema: z.ZodType): Json {
  const described: Json = z.toJSONSchema(schema);
  delete described['$schema'];
  return described;
}

function idParameter(name: string, prefix: string, description: string): Json {
  const pattern = `^${prefix}[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?$`;
  return { name, in: 'path', required: true, description, schema: { type: 'string', pattern } };
}

function operation(
  operationId: string,
  summary: string,
  schema: Json,
  refusals: RefusalCode[],
  parameters: Json[],
): Json {
  const ifNoneMatch = { name: 'If-None-Match', in: 'header', required: false, schema: { type: 'string' } };
  return {
    operationId,
    summary,
    parameters: [...parameters, ifNoneMatch],
    responses: {
      200: {
        description: summary,
        headers: { 'x-cache': X_CACHE, etag: ETAG },
        content: { 'application/json': { schema } },
      },
      304: { description: 'Unchanged since the tag given', headers: { 'x-cache': X_CACHE, etag: ETAG } },
      ...responsesOf([...refusals, ...COMMON]),
    },
  };
}

/** One for each status; of several refusals with the same one, the description names each. */
function responsesOf(codes: RefusalCode[]): Json {
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } };
  const responses: Record<number, { description: string; content: Json }> = {};
  for (const code of codes) {
    const { status, message } = REFUSALS[code];
    const before = responses[status]?.description;
    const description = `${code}: ${message}`;
    responses[status] = { description: before === undefined ? description : `${before} ${description}`, content };
  }
  return responses;
}
