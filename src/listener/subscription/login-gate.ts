import type { Session } from './stream-types';

/**
 * One login for all topics. Each login counts against the org's limit, and many refused ones lock a user out, so:
 * one in flight at a time, its outcome shared; a failure is shared too, for as long as nobody should try again.
 */
export interface LoginGate {
  /**
   * A session that is not `stale`: that of somebody else's later login, or of a new one.
   * @throws LoginFailedError, at once and without a login, while the last failure is fresh.
   */
  session(stale: Session | undefined): Promise<Session>;
}

export class LoginFailedError extends Error {
  override readonly name = 'LoginFailedError';
  constructor(
    /** Refused for good: repeating helps nothing until a person acts. */
    readonly refused: boolean,
    /** When to ask again, ms from now. */
    readonly retryInMs: number,
    cause: unknown,
  ) {
    const what = cause instanceof Error ? cause.message : 'unknown failure';
    super(refused ? `Salesforce refuses the login: ${what}` : `no login could be made: ${what}`, { cause });
  }
}

export interface LoginGateOptions {
  login: () => Promise<Session>;
  /** Whether an error means that the credentials are refused. */
  isRefusal: (error: unknown) => boolean;
  /** How long a refusal stands, ms. Minutes, not seconds. */
  refusedRetryMs: number;
  /** How long any other failure stands, ms. */
  failedRetryMs: number;
  onLogin?: (outcome: 'ok' | 'refused' | 'failed') => void;
}

export function createLoginGate(options: LoginGateOptions): LoginGate {
  let current: Session | undefined;
  let inFlight: Promise<Session> | undefined;
  let failure: { refused: boolean; cause: unknown; until: number } | undefined;

  async function login(): Promise<Session> {
    try {
      current = await options.login();
      failure = undefined;
      options.onLogin?.('ok');
      return current;
    } catch (cause) {
      const refused = options.isRefusal(cause);
      const forMs = refused ? options.refusedRetryMs : options.failedRetryMs;
      failure = { refused, cause, until: performance.now() + forMs };
      options.onLogin?.(refused ? 'refused' : 'failed');
      throw new LoginFailedError(refused, forMs, cause);
    } finally {
      inFlight = undefined;
    }
  }

  return {
    async session(stale) {
      if (current !== undefined && current !== stale) return current;
      if (inFlight !== undefined) return inFlight;
      const left = (failure?.until ?? 0) - performance.now();
      if (failure !== undefined && left > 0) throw new LoginFailedError(failure.refused, left, failure.cause);
      inFlight = login();
      return inFlight;
    },
  };
}
