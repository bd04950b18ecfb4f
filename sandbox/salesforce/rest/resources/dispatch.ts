import { asRestError, type ApiAnswer, type ApiCall, type ApiDeps, type Resource } from '../api';
import { notFound, RestError } from '../errors';

/**
 * Finds the resource of a call and runs it.
 * @throws RestError NOT_FOUND where there is none, METHOD_NOT_ALLOWED where it has no such method, and what it throws.
 */
export function dispatch(call: ApiCall, deps: ApiDeps, resources: readonly Resource[]): ApiAnswer {
  const here = resources.filter(({ path }) => path.test(call.path));
  if (here.length === 0) throw notFound();
  const resource = here.find(({ method }) => method === call.method);
  if (resource === undefined) {
    const allowed = here.map(({ method }) => method).join(', ');
    throw new RestError(405, 'METHOD_NOT_ALLOWED', `HTTP Method '${call.method}' not allowed. Allowed are ${allowed}`);
  }
  const parameters = resource.path.exec(call.path)?.slice(1) ?? [];
  try {
    return resource.handle(call, deps, ...parameters);
  } catch (error) {
    throw asRestError(error);
  }
}

/** The answer that an error is; an error that is not one of the API's is thrown again. */
export function errorAnswer(error: unknown): ApiAnswer {
  const known = asRestError(error);
  if (!(known instanceof RestError)) throw error;
  return { status: known.status, body: known.body() };
}
