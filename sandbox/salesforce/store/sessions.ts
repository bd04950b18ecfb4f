import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock';
import type { Session, Sessions } from './types';

/** Default "Timeout value" of an org's session settings: 2 hours without use. */
export const DEFAULT_SESSION_LIFETIME_MS = 2 * 60 * 60 * 1000;

/** How the emulator keeps sessions: in memory, by its own clock. Tokens look like Salesforce's, `<15-character org id>!<random>`. */
export class MemorySessions implements Sessions {
  readonly #sessions = new Map<string, Session>();

  constructor(
    private readonly orgId: string,
    private readonly clock: Clock,
    private readonly lifetimeMs = DEFAULT_SESSION_LIFETIME_MS,
  ) {}

  open(user: { userId: string; username: string; clientId?: string }): Session {
    const session: Session = {
      accessToken: `${this.orgId.slice(0, 15)}!${randomBytes(48).toString('base64url')}`,
      userId: user.userId,
      username: user.username,
      orgId: this.orgId,
      clientId: user.clientId,
      expiresAt: this.clock.now() + this.lifetimeMs,
    };
    this.#sessions.set(session.accessToken, session);
    return session;
  }

  validate(accessToken: string): Session | 'unknown' | 'expired' {
    const session = this.#sessions.get(accessToken);
    if (!session) return 'unknown';
    const now = this.clock.now();
    if (session.expiresAt <= now) return 'expired';
    session.expiresAt = now + this.lifetimeMs;
    return session;
  }

  revoke(accessToken: string): void {
    const session = this.#sessions.get(accessToken);
    if (session) session.expiresAt = Math.min(session.expiresAt, this.clock.now());
  }

  expireAll(): void {
    for (const token of this.#sessions.keys()) this.revoke(token);
  }

  get live(): number {
    const now = this.clock.now();
    return [...this.#sessions.values()].filter((session) => session.expiresAt > now).length;
  }
}
