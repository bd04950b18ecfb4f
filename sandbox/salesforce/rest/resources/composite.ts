import { objectBody, type ApiAnswer, type ApiCall, type ApiDeps, type Resource } from '../api';
import { notFound, RestError } from '../errors';
import { dispatch, errorAnswer } from './dispatch';

const MOST_SUBREQUESTS = 25;

interface Subrequest {
  method: string;
  url: string;
  referenceId: string;
  body: unknown;
  httpHeaders: Record<string, string>;
}

interface SubrequestAnswer {
  body: unknown;
  httpHeaders: Record<string, string>;
  httpStatusCode: number;
  referenceId: string;
}

/** Carries the answers so far out of the transaction that it undoes. */
class Undo extends Error {
  constructor(readonly answers: SubrequestAnswer[]) {
    super('undo');
  }
}

function subrequests(body: unknown): Subrequest[] {
  const list = objectBody(body)['compositeRequest'];
  if (!Array.isArray(list) || list.length === 0) {
    throw new RestError(400, 'INVALID_INPUT', 'compositeRequest is required and must not be empty');
  }
  if (list.length > MOST_SUBREQUESTS) {
    throw new RestError(
      400,
      'LIMIT_EXCEEDED',
      `Cannot have more than ${MOST_SUBREQUESTS} subrequests in a composite request`,
    );
  }
  return list.map((item: unknown): Subrequest => {
    const { method, url, referenceId, body: part, httpHeaders } = objectBody(item);
    if (typeof method !== 'string' || typeof url !== 'string' || typeof referenceId !== 'string') {
      throw new RestError(400, 'INVALID_INPUT', 'Each subrequest needs a method, a url and a referenceId');
    }
    return { method, url, referenceId, body: part, httpHeaders: (httpHeaders ?? {}) as Record<string, string> };
  });
}

/** `@{order.id}`, `@{items.records[0].Id}`: a value out of an earlier answer. @throws RestError PROCESSING_HALTED */
function resolveReference(expression: string, answers: readonly SubrequestAnswer[]): unknown {
  const [referenceId, ...path] = expression.split('.');
  let value: unknown = answers.find((answer) => answer.referenceId === referenceId)?.body;
  for (const step of path.flatMap((part) => part.split(/[[\]]/).filter((piece) => piece !== ''))) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined;
  }
  if (value === undefined) {
    throw new RestError(400, 'PROCESSING_HALTED', `Invalid reference specified. No value for ${expression} found.`);
  }
  return value;
}

function withReferences(value: unknown, answers: readonly SubrequestAnswer[]): unknown {
  if (typeof value === 'string') {
    const whole = /^@\{([^}]+)\}$/.exec(value)?.[1];
    if (whole !== undefined) return resolveReference(whole, answers);
    return value.replace(/@\{([^}]+)\}/g, (_all, expression: string) => String(resolveReference(expression, answers)));
  }
  if (Array.isArray(value)) return value.map((item) => withReferences(item, answers));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withReferences(item, answers)]));
  }
  return value;
}

/** The call of one part of a composite or batch request. @throws RestError NOT_FOUND for a URL that is none of ours. */
function partCall(call: ApiCall, part: Omit<Subrequest, 'referenceId'>, write: ApiCall['write']): ApiCall {
  const url = new URL(part.url, 'http://part');
  const match = /^(?:\/services\/data)?\/?v(\d+\.\d)(\/.*)$/.exec(decodeURIComponent(url.pathname));
  if (match === null) throw notFound();
  const headers = Object.fromEntries(
    Object.entries(part.httpHeaders).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    ...call,
    method: part.method.toUpperCase(),
    path: match[2]!.replace(/\/+$/, ''),
    apiVersion: match[1]!,
    query: url.searchParams,
    headers: { ...call.headers, ...headers },
    body: part.body,
    write,
  };
}

function runPart(
  call: ApiCall,
  deps: ApiDeps,
  part: Omit<Subrequest, 'referenceId'>,
  parts: readonly Resource[],
  write = call.write,
): ApiAnswer {
  try {
    return dispatch(partCall(call, part, write), deps, parts);
  } catch (error) {
    return errorAnswer(error);
  }
}

/** The parts in order, each with the answers before it; with allOrNone in one transaction. */
function composite(call: ApiCall, deps: ApiDeps, parts: readonly Resource[]): ApiAnswer {
  const list = subrequests(call.body);
  const allOrNone = objectBody(call.body)['allOrNone'] === true;

  function run(write: ApiCall['write']): SubrequestAnswer[] {
    const answers: SubrequestAnswer[] = [];
    for (const { referenceId, ...part } of list) {
      let answer: ApiAnswer;
      try {
        const url = String(withReferences(part.url, answers));
        answer = runPart(call, deps, { ...part, url, body: withReferences(part.body, answers) }, parts, write);
      } catch (error) {
        answer = errorAnswer(error);
      }
      const { status, body = null, headers = {} } = answer;
      answers.push({ body, httpHeaders: { ...headers }, httpStatusCode: status, referenceId });
      if (allOrNone && (status >= 400 || answer.rolledBack === true)) throw new Undo(answers);
    }
    return answers;
  }

  if (!allOrNone) return { status: 200, body: { compositeResponse: run(call.write) } };
  try {
    return { status: 200, body: { compositeResponse: call.write((tx) => run((work) => work(tx))) } };
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
    return { status: 200, body: { compositeResponse: halted(list, error.answers) } };
  }
}

/** Answers when all was undone: the part at fault keeps its own, the others say that they were halted. */
function halted(list: readonly Subrequest[], answers: readonly SubrequestAnswer[]): SubrequestAnswer[] {
  const message = 'The transaction was rolled back since another operation in the same transaction failed.';
  return list.map(({ referenceId }, i) => {
    const answer = answers[i];
    if (answer !== undefined && i === answers.length - 1) return answer;
    return {
      body: new RestError(400, 'PROCESSING_HALTED', message).body(),
      httpHeaders: {},
      httpStatusCode: 400,
      referenceId,
    };
  });
}

/** Independent parts, each with a transaction of its own. */
function batch(call: ApiCall, deps: ApiDeps, parts: readonly Resource[]): ApiAnswer {
  const { batchRequests, haltOnError } = objectBody(call.body);
  if (!Array.isArray(batchRequests) || batchRequests.length === 0 || batchRequests.length > MOST_SUBREQUESTS) {
    throw new RestError(400, 'INVALID_INPUT', `batchRequests must hold 1 to ${MOST_SUBREQUESTS} requests`);
  }
  let failed = false;
  const results = batchRequests.map((item: unknown) => {
    if (failed && haltOnError === true) {
      return {
        statusCode: 412,
        result: new RestError(412, 'BATCH_PROCESSING_HALTED', 'Batch processing halted per request').body(),
      };
    }
    const { method, url, richInput } = objectBody(item);
    if (typeof method !== 'string' || typeof url !== 'string') {
      throw new RestError(400, 'INVALID_INPUT', 'Each of batchRequests needs a method and a url');
    }
    const { status, body = null } = runPart(call, deps, { method, url, body: richInput, httpHeaders: {} }, parts);
    failed ||= status >= 400;
    return { statusCode: status, result: body };
  });
  return { status: 200, body: { hasErrors: failed, results } };
}

/** Composite and batch requests, whose parts are calls of `parts`. */
export function compositeResources(parts: readonly Resource[]): Resource[] {
  return [
    { method: 'POST', path: /^\/composite$/, handle: (call, deps) => composite(call, deps, parts) },
    { method: 'POST', path: /^\/composite\/batch$/, handle: (call, deps) => batch(call, deps, parts) },
  ];
}
