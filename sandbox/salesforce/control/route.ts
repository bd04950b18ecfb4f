import type { z } from 'zod';

/** A mistake of the caller: what is wrong, and where it helps what would be right. */
export class ControlError extends Error {
  constructor(
    readonly status: 400 | 404 | 409 | 422,
    message: string,
  ) {
    super(message);
    this.name = 'ControlError';
  }
}

export interface ControlCall {
  /** `:name` parts of the path. */
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string | undefined>>;
}

/** One route of the control API; the list of them is also what `GET /control` tells. */
export interface ControlRoute {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/control`, with `:name` for parameters. */
  path: string;
  /** One line for a person. */
  does: string;
  /** A path that can be tried as it is, where `path` has parameters or takes a query. */
  examplePath?: string;
  exampleBody?: unknown;
  /** What the body may be; a route without it takes none. */
  body?: z.ZodType;
  /** `body` has passed the schema. @throws ControlError, SalesforceError */
  handle: (call: ControlCall, body: unknown) => unknown;
}

/** Ties the type of the handler's body to its schema. */
export function withBody<T>(
  route: Omit<ControlRoute, 'body' | 'handle'> & {
    body: z.ZodType<T>;
    handle: (call: ControlCall, body: T) => unknown;
  },
): ControlRoute {
  return { ...route, handle: (call, body) => route.handle(call, body as T) };
}
