import { boundedText } from '../domain/bounded-text';
import { ProvisioningFailure, type FailureCode } from '../domain/failure';
import { decodeBody, text, type Answer } from './decode';
import {
  classifyNoAnswer,
  classifyRefusal,
  classifyUnreadable,
  DEFAULT_QUIET_PERIOD_MS,
  type CallFacts,
  type ResponseFacts,
} from './failures';

/** How a call ended, for metrics and traces: `ok`, or a code of the catalogue. */
export type CallOutcome = 'ok' | FailureCode;

export interface WhmcsClientOptions {
  /** `https://…/includes/api.php`. */
  apiUrl: string;
  identifier: string;
  secret: string;
  /** Lets a caller in whose IP address is not on the allow-list. */
  accessKey?: string | undefined;
  /** Time limit of one call, answer included. */
  timeoutMs: number;
  /** How long a request whose answer was lost may still be at work; 90 s unless given. */
  quietPeriodMs?: number | undefined;
  fetch?: typeof globalThis.fetch | undefined;
  /** Lets a call through when its turn has come; throws where it does not, and nothing is sent then. */
  admit?: (<T>(call: () => Promise<T>, about: string) => Promise<T>) | undefined;
  /** Told of each call: action, outcome, seconds. */
  onCall?: ((action: string, outcome: CallOutcome, seconds: number) => void) | undefined;
}

/** A parameter; an array goes out as `name[0]=…&name[1]=…`, leaving out what is undefined but keeping the places. */
export type Param = string | number | boolean | readonly (string | number | undefined)[];
export type Params = Readonly<Record<string, Param | undefined>>;

export interface WhmcsClient {
  /**
   * Sends one request, exactly once, and gives the answer whose `result` is `success`.
   * @param about what for, with ids only: it becomes part of error messages.
   * @param beforeSend asked when the call has its turn; where it throws, nothing is sent.
   * @throws ProvisioningFailure, see `failures.ts`; what `beforeSend` throws
   */
  call(action: string, params: Params, about: string, beforeSend?: () => void): Promise<Answer>;
}

/** The parameters as PHP reads them: `pid[0]=1`, not repeated names and not commas. Booleans are `1` or left out. */
export function encodeForm(params: Params): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === false) continue;
    if (typeof value !== 'object') form.append(name, value === true ? '1' : String(value));
    else {
      value.forEach((entry, index) => {
        if (entry !== undefined) form.append(`${name}[${index}]`, String(entry));
      });
    }
  }
  return form;
}

/** A client of the WHMCS API: one POST form to one address (developers.whmcs.com/api/getting-started). */
export function createWhmcsClient(options: WhmcsClientOptions): WhmcsClient {
  const { apiUrl, identifier, secret, accessKey, timeoutMs, onCall, admit } = options;
  const fetch = options.fetch ?? globalThis.fetch;
  const quietPeriodMs = options.quietPeriodMs ?? DEFAULT_QUIET_PERIOD_MS;

  async function exchange(facts: CallFacts, params: Params): Promise<Answer> {
    let response: Response;
    let body: string | undefined;
    try {
      response = await fetch(apiUrl, {
        method: 'POST',
        // Credentials belong in the body: an address ends up in the logs of every server on the way.
        body: encodeForm({
          ...params,
          action: facts.action,
          identifier,
          secret,
          accesskey: accessKey,
          responsetype: 'json',
        }),
        // A kept connection that the server has just closed would make an AddOrder ambiguous for nothing.
        headers: { accept: 'application/json', connection: 'close' },
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      body = await boundedText(response.body as AsyncIterable<Uint8Array> | null);
    } catch (error) {
      throw classifyNoAnswer(facts, error);
    }
    const seen: ResponseFacts = { status: response.status, retryAfter: response.headers.get('retry-after') };
    if (body === undefined) throw classifyUnreadable(facts, 'a body too large to be true', seen);
    const answer = decodeBody(body);
    if (answer === undefined) throw classifyUnreadable(facts, describe(body, seen.status), seen);
    if (answer.result === 'error') throw classifyRefusal(facts, text(answer['message']), seen);
    return answer;
  }

  async function timed(action: string, params: Params, about: string): Promise<Answer> {
    const begun = performance.now();
    let outcome: CallOutcome = 'ok';
    try {
      return await exchange({ action, about, quietPeriodMs }, params);
    } catch (error) {
      outcome = error instanceof ProvisioningFailure ? error.code : 'INTERNAL';
      throw error;
    } finally {
      onCall?.(action, outcome, (performance.now() - begun) / 1000);
    }
  }

  return {
    async call(action, params, about, beforeSend) {
      const send = async (): Promise<Answer> => {
        beforeSend?.();
        return timed(action, params, about);
      };
      return admit === undefined ? send() : admit(send, `for ${action} ${about}`);
    },
  };
}

/** The same client, which asks `beforeCall` before a call stands in line, and right before it goes out. */
export function guardedBy(client: WhmcsClient, beforeCall: (() => void) | undefined): WhmcsClient {
  if (beforeCall === undefined) return client;
  return {
    async call(action, params, about) {
      beforeCall();
      return client.call(action, params, about, beforeCall);
    },
  };
}

/** What kind of body it is. Never the body itself: it may hold anything. */
function describe(body: string, status: number): string {
  if (status >= 300 && status < 400) return 'a redirect';
  if (body.trim() === '') return 'an empty body';
  return /<[a-z!]/i.test(body) ? 'a page of HTML' : 'a body that is no answer';
}
