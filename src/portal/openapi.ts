import { z } from 'zod';
import { REFUSALS, type RefusalCode } from './failures';
import { catalogSchema, orderSchema, refusalSchema } from './schemas';

type Json = Record<string, unknown>;

const X_CACHE = {
  description: 'How the answer was come by. bypass: Redis is away, Salesforce was read.',
  schema: { type: 'string', enum: ['hit', 'miss', 'coalesced', 'bypass'] },
};
const ETAG = { description: 'For If-None-Match', schema: { type: 'string' } };

const COMMON: RefusalCode[] = ['UNAUTHORIZED', 'INTERNAL', 'SOURCE_UNAVAILABLE', 'TIME_LIMIT'];

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

function responsesOf(codes: RefusalCode[]): Json {
  return Object.fromEntries(
    codes.map((code) => [
      REFUSALS[code].status,
      {
        description: REFUSALS[code].message,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
      },
    ]),
  );
}
