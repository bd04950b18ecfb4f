import type { Session, Sessions } from '../store/types';
import type { OrgUser } from './org';

export type LoginFlow = 'client_credentials' | 'jwt_bearer' | 'password' | 'soap';

/** An answer of the token endpoint other than a token (RFC 6749, 5.2, with Salesforce's descriptions). */
export class LoginError extends Error {
  constructor(
    readonly error: string,
    readonly description: string,
    readonly status = 400,
  ) {
    super(`${error}: ${description}`);
    this.name = 'LoginError';
  }
}

/** Where all logins pass: it counts them, and can be told to refuse some. */
export class Logins {
  readonly #accepted = new Map<LoginFlow, number>();
  #refused = 0;
  #refuseNext = 0;
  #refusal = new LoginError('invalid_grant', 'authentication failure');

  constructor(private readonly sessions: Sessions) {}

  /** Refuses the next `times` logins with `error`, however good their credentials; Infinity until told otherwise. */
  refuse(times: number, error = new LoginError('invalid_grant', 'authentication failure')): void {
    this.#refuseNext = times;
    this.#refusal = error;
  }

  /** @throws LoginError where it was told to refuse. */
  open(flow: LoginFlow, user: OrgUser, clientId?: string): Session {
    if (this.#refuseNext > 0) {
      this.#refuseNext--;
      throw this.#refusal;
    }
    this.#accepted.set(flow, (this.#accepted.get(flow) ?? 0) + 1);
    return this.sessions.open({
      userId: user.id,
      username: user.username,
      ...(clientId === undefined ? {} : { clientId }),
    });
  }

  /** Counts an attempt that failed, for whatever reason. */
  countRefusal(): void {
    this.#refused++;
  }

  /** Logins so far, by flow, and attempts that were refused. */
  get counts(): { accepted: number; refused: number; byFlow: Record<string, number> } {
    const byFlow = Object.fromEntries(this.#accepted);
    return { accepted: Object.values(byFlow).reduce((sum, n) => sum + n, 0), refused: this.#refused, byFlow };
  }
}
