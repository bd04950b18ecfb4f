import { Connection, type HttpMethods } from 'jsforce';
import { CLIENT_NAME } from '../domain/decision';
import { ProvisioningFailure } from '../domain/failure';
import { classifyErrors, classifyNoResponse, classifyUnreadable, vendorErrors, type ResponseFacts } from './failures';
import { logIn, type LoginOptions, type SalesforceLogin } from './login';
import { BoundedTransport } from './transport';

export interface SalesforceSessionOptions extends LoginOptions {
  /** Comes back as `changeOrigin` of the events that our writes make. */
  clientName?: string | undefined;
  /** e.g. `62.0`. */
  apiVersion?: string | undefined;
  /** Lets a call through when its turn has come; throws where it does not, and nothing is sent then. Logins go at once. */
  admit?: (<T>(call: () => Promise<T>, about: string) => Promise<T>) | undefined;
  /** Told of each call: what kind, how it ended (`ok` or a code of the catalogue), seconds. */
  onCall?: ((operation: string, outcome: string, seconds: number) => void) | undefined;
  /** Epoch ms. */
  now?: (() => number) | undefined;
}

export interface SalesforceRequest {
  method: HttpMethods;
  /** Below `/services/data/vNN.N`, e.g. `/sobjects/Order/801…`; or from the root, where it begins with `/services/`. */
  path: string;
  body?: unknown;
  /** Called right before the request goes out, once it has its turn and a session: what it throws is thrown, and nothing is sent. */
  beforeSend?: (() => void) | undefined;
}

/**
 * A session of Salesforce's REST API.
 *
 * States: none; valid; refused until a time. One login is in flight at a time, and all who need one wait for it. A call whose session
 * has expired renews it once (or takes the one that another call has just got) and is repeated once. A refused login is remembered, and so is a
 * session that never worked: until a growing delay has passed nobody logs in again, since Salesforce locks users out for less.
 */
export interface SalesforceSession {
  /** A fresh login, for the Pub/Sub client; calls use it from now on. @throws ProvisioningFailure of the catalogue. */
  login(): Promise<SalesforceLogin>;
  /**
   * One API call. `about` says what for, with ids only: it becomes part of error messages.
   * @throws ProvisioningFailure of the catalogue.
   */
  call(request: SalesforceRequest, about: string): Promise<unknown>;
}

interface Session {
  login: SalesforceLogin;
  connection: Connection;
  /** `new` until a call has succeeded, or has failed after a renewal. */
  state: 'new' | 'worked' | 'useless';
}

export const DEFAULT_API_VERSION = '62.0';
const atOnce = <T>(call: () => Promise<T>): Promise<T> => call();
const FIRST_DELAY_MS = 2_000;
const LONGEST_DELAY_MS = 5 * 60_000;

/** A session that is made at the first call. */
export function createSalesforceSession(options: SalesforceSessionOptions): SalesforceSession {
  const {
    timeoutMs,
    onCall,
    admit = atOnce,
    now = Date.now,
    clientName = CLIENT_NAME,
    apiVersion: version = DEFAULT_API_VERSION,
  } = options;
  let current: Session | undefined;
  let flight: Promise<Session> | undefined;
  let refusal: { failure: ProvisioningFailure; until: number; delayMs: number } | undefined;

  function refuse(failure: ProvisioningFailure): void {
    const delayMs = Math.min(refusal === undefined ? FIRST_DELAY_MS : refusal.delayMs * 2, LONGEST_DELAY_MS);
    refusal = { failure, delayMs, until: now() + delayMs };
  }

  async function open(): Promise<Session> {
    const wait = refusal === undefined ? 0 : refusal.until - now();
    if (refusal !== undefined && wait > 0) throw again(refusal.failure, wait);
    try {
      const login = await timed('login', () => logIn(options));
      if (refusal?.failure.code === 'SF_CREDENTIALS_REFUSED') refusal = undefined;
      const { instanceUrl, accessToken } = login;
      const connection = new Connection({ instanceUrl, accessToken, version, callOptions: { client: clientName } });
      current = { login, connection, state: 'new' };
      return current;
    } catch (error) {
      if (error instanceof ProvisioningFailure && error.code === 'SF_CREDENTIALS_REFUSED') {
        refuse(error);
        throw again(error, refusal?.delayMs ?? FIRST_DELAY_MS);
      }
      throw error;
    }
  }

  /** A session other than `stale`: one that somebody else has got meanwhile, or a new one. */
  async function renew(stale?: Session): Promise<Session> {
    if (flight !== undefined) return flight;
    if (stale !== undefined && current !== undefined && current !== stale) return current;
    flight = open().finally(() => {
      flight = undefined;
    });
    return flight;
  }

  async function send(session: Session, request: SalesforceRequest, about: string): Promise<unknown> {
    const { method, path: url, body } = request;
    request.beforeSend?.();
    const transport = new BoundedTransport(timeoutMs);
    const facts = (): ResponseFacts | undefined =>
      transport.response && {
        status: transport.response.statusCode,
        retryAfter: transport.response.headers['retry-after'],
        isRead: method === 'GET',
      };
    const content =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    let answer: unknown;
    try {
      answer = await session.connection.request({ method, url, ...content }, { transport });
    } catch (error) {
      const seen = facts();
      if (seen === undefined) throw classifyNoResponse(about, error);
      throw classifyErrors(about, vendorErrors(bodyOf(transport.response?.body)), seen);
    }
    const seen = facts();
    const empty = seen?.status === 204;
    // jsforce hands out a redirect or a page of HTML as if it were the answer.
    if (!empty && (typeof answer !== 'object' || answer === null))
      throw classifyUnreadable(about, seen ?? { status: 0, retryAfter: undefined });
    session.state = 'worked';
    refusal = undefined;
    return answer;
  }

  async function timed<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    let outcome = 'ok';
    try {
      return await work();
    } catch (error) {
      outcome = error instanceof ProvisioningFailure ? error.code : 'INTERNAL';
      throw error;
    } finally {
      onCall?.(operation, outcome, (performance.now() - begun) / 1000);
    }
  }

  /** The one repetition of a call. A new session that does not work either is not worth another login soon. */
  async function repeat(renewed: Session, request: SalesforceRequest, about: string): Promise<unknown> {
    try {
      return await admit(() => timed(operationOf(request), () => send(renewed, request, about)), about);
    } catch (error) {
      const expired = error instanceof ProvisioningFailure && error.code === 'SF_SESSION_EXPIRED';
      if (expired && renewed.state === 'new') {
        renewed.state = 'useless';
        refuse(error);
      }
      throw error;
    }
  }

  return {
    login: async () => (await renew(current)).login,

    async call(request, about) {
      const operation = operationOf(request);
      const session = current ?? (await renew());
      try {
        return await admit(() => timed(operation, () => send(session, request, about)), about);
      } catch (error) {
        if (!(error instanceof ProvisioningFailure) || error.code !== 'SF_SESSION_EXPIRED') throw error;
        return await repeat(await renew(session), request, about);
      }
    },
  };
}

/** The same session, which asks `beforeSend` right before anything of it goes out. */
export function guardedBy(session: SalesforceSession, beforeSend: (() => void) | undefined): SalesforceSession {
  if (beforeSend === undefined) return session;
  return { ...session, call: (request, about) => session.call({ ...request, beforeSend }, about) };
}

/** The remembered failure, with the wait that is left. */
function again({ code, message, vendorCode }: ProvisioningFailure, retryAfterMs: number): ProvisioningFailure {
  return new ProvisioningFailure({ code, message, vendorCode, retryAfterMs });
}

function bodyOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** For metrics: few values, and no ids. */
function operationOf({ method, path }: SalesforceRequest): string {
  const what = /\/(query|composite\/sobjects|sobjects|limits)/.exec(path)?.[1] ?? 'other';
  return method === 'GET' ? what : `${method.toLowerCase()} ${what}`;
}
