import type { Metadata } from '@grpc/grpc-js';
import type { Clock } from '../clock';
import type { Faults } from '../faults/faults';
import type { Session, Sessions } from '../store/types';
import { PubSubFailure } from './failure';
import type { StatsCollector } from './stats';

function header(metadata: Metadata, name: string): string {
  const value = metadata.get(name)[0];
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '') throw new PubSubFailure('service.auth.headers.invalid');
  return text;
}

/** Checks the headers of each call: accesstoken, instanceurl, tenantid (Pub/Sub API guide, "Supported Authentication"). */
export class Authenticator {
  constructor(
    private readonly sessions: Sessions,
    private readonly orgId: string,
    private readonly clock: Clock,
    private readonly faults: Faults,
    private readonly stats: StatsCollector,
  ) {}

  /** @throws PubSubFailure `service.auth.error` or `service.auth.headers.invalid` */
  authenticate(metadata: Metadata): Session {
    try {
      const token = header(metadata, 'accesstoken');
      const tenant = header(metadata, 'tenantid');
      header(metadata, 'instanceurl');
      const session = this.sessions.validate(token);
      const wrongOrg = tenant.slice(0, 15) !== this.orgId.slice(0, 15);
      if (typeof session === 'string' || wrongOrg || this.faults.takeSessionRefusal()) {
        throw new PubSubFailure('service.auth.error');
      }
      return session;
    } catch (error) {
      this.stats.count('sessionsRefused');
      throw error;
    }
  }

  /** For a stream that is open: traffic on it does not prolong the session. @throws PubSubFailure `service.auth.error` */
  stillValid(session: Session): void {
    if (session.expiresAt > this.clock.now()) return;
    this.stats.count('sessionsRefused');
    throw new PubSubFailure('service.auth.error');
  }
}
