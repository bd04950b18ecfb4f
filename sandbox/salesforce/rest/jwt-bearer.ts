import jwt from 'jsonwebtoken';
import { LoginError } from './logins';
import { userNamed, type ConnectedApp, type OrgConfig, type OrgUser } from './org';

/** Longest life of an assertion, and the skew of clocks that is forgiven (Salesforce Help, "OAuth 2.0 JWT Bearer Flow"). */
const LONGEST_LIFE_S = 300;
const LEEWAY_S = 30;

const AUDIENCES = ['https://login.salesforce.com', 'https://test.salesforce.com'];

const withoutSlash = (url: string) => url.replace(/\/+$/, '');

/**
 * Checks a JWT bearer assertion: RS256 by a registered key of the app, audience, expiry, user, approval.
 *
 * Expiry is judged by real time, not by the movable clock: the client stamps it with a clock a test cannot move.
 * @throws LoginError in Salesforce's words. An expired one is called an `expired authorization code`, as there.
 */
export function checkAssertion(
  org: OrgConfig,
  ownUrl: string,
  assertion: unknown,
): { app: ConnectedApp; user: OrgUser } {
  const invalid = new LoginError('invalid_grant', 'invalid assertion');
  if (typeof assertion !== 'string') throw invalid;
  const claims = jwt.decode(assertion);
  if (claims === null || typeof claims === 'string') throw invalid;

  const app = org.connectedApps.find((candidate) => candidate.clientId === claims.iss);
  if (app === undefined) throw new LoginError('invalid_client_id', 'client identifier invalid');
  if (!(app.publicKeys ?? []).some((key) => signedBy(assertion, key))) throw invalid;

  const now = Date.now() / 1000;
  if (typeof claims.exp !== 'number' || claims.exp > now + LONGEST_LIFE_S + LEEWAY_S) throw invalid;
  if (claims.exp < now) throw new LoginError('invalid_grant', 'expired authorization code');

  const accepted = [ownUrl, ...AUDIENCES, ...(org.jwtAudiences ?? [])].map(withoutSlash);
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (!audiences.some((aud) => aud !== undefined && accepted.includes(withoutSlash(aud)))) {
    throw new LoginError('invalid_grant', 'audience is invalid');
  }

  const user = userNamed(org, claims.sub);
  const approved = app.approvedUsernames?.map((name) => name.toLowerCase());
  // An unknown user and one without approval get the same answer, as from Salesforce.
  if (user === undefined || (approved !== undefined && !approved.includes(user.username.toLowerCase()))) {
    throw new LoginError('invalid_grant', "user hasn't approved this consumer");
  }
  return { app, user };
}

function signedBy(assertion: string, key: string): boolean {
  try {
    jwt.verify(assertion, key, { algorithms: ['RS256'], ignoreExpiration: true });
    return true;
  } catch {
    return false;
  }
}
