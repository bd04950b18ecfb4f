import { sign } from 'jsonwebtoken';
import { ProvisioningFailure } from '../domain/failure';
import { isLoopback } from '../domain/loopback';
import { classifyNoResponse, classifyUnreadable, loginRefused } from './failures';
import { BoundedTransport } from './transport';

/** OAuth client credentials, or JWT bearer with the PEM of the connected app's certificate key. */
export type SalesforceCredentials =
  | { clientSecret: string }
  | {
      username: string;
      privateKey: string;
      /**
       * Whom the assertion is for; the origin of the login URL unless given. Salesforce Help ("OAuth 2.0 JWT Bearer Flow") names
       * `https://login.salesforce.com`, `https://test.salesforce.com` and a site's address; Salesforce's own CLI tries the login URL's, My Domain,
       * first (sfdx-core, `getLoginAudienceCombos`). Since Spring '26 some orgs refuse the first two (n8n pull request 29016); there are
       * older ones that want them (restforce pull request 886).
       */
      audience?: string;
    };

export interface LoginOptions {
  /** `SF_LOGIN_URL`: the org's My Domain for client credentials; login or test.salesforce.com do for JWT bearer. */
  loginUrl: string;
  clientId: string;
  credentials: SalesforceCredentials;
  timeoutMs: number;
}

/** What a login gives: enough for REST and for the Pub/Sub API. */
export interface SalesforceLogin {
  accessToken: string;
  /** Without a trailing slash. */
  instanceUrl: string;
  organizationId: string;
}

/** Salesforce wants assertions that expire within minutes; clocks differ. */
const ASSERTION_SECONDS = 120;

const SALESFORCE = /\.(?:salesforce\.com|force\.com|salesforce\.mil)$/;

/**
 * The origin of `instance_url` where a token may be sent: the host that we log in at, a domain of Salesforce's, or a loopback address if
 * the login itself is at one; https, but for loopback. Undefined for any other, whatever the token endpoint says.
 */
export function trustedInstance(instanceUrl: unknown, loginUrl: string): string | undefined {
  if (typeof instanceUrl !== 'string' || !URL.canParse(instanceUrl)) return undefined;
  const instance = new URL(instanceUrl);
  const login = new URL(loginUrl);
  if (isLoopback(instance.hostname)) return isLoopback(login.hostname) ? instance.origin : undefined;
  if (instance.protocol !== 'https:') return undefined;
  return instance.host === login.host || SALESFORCE.test(instance.hostname) ? instance.origin : undefined;
}

function grant({ loginUrl, clientId, credentials }: LoginOptions): Record<string, string> {
  if ('clientSecret' in credentials) {
    return { grant_type: 'client_credentials', client_id: clientId, client_secret: credentials.clientSecret };
  }
  const { username: subject, privateKey, audience = new URL(loginUrl).origin } = credentials;
  try {
    const options = { algorithm: 'RS256', issuer: clientId, subject, audience, expiresIn: ASSERTION_SECONDS } as const;
    return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: sign({}, privateKey, options) };
  } catch {
    // The cause is not kept: it may quote the key.
    throw new ProvisioningFailure({
      code: 'SF_CREDENTIALS_REFUSED',
      message: 'No login is possible: the private key for Salesforce is not an RSA key in PEM',
      vendorCode: 'private_key',
    });
  }
}

function parse(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Logs in once, at `/services/oauth2/token`.
 * @throws ProvisioningFailure `SF_CREDENTIALS_REFUSED`, or a passing failure of the network or the server.
 */
export async function logIn(options: LoginOptions): Promise<SalesforceLogin> {
  const about = 'log in';
  const body = new URLSearchParams(grant(options)).toString();
  const request = {
    method: 'POST',
    url: `${options.loginUrl.replace(/\/+$/, '')}/services/oauth2/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body,
  } as const;
  let response;
  try {
    response = await new BoundedTransport(options.timeoutMs).httpRequest(request);
  } catch (error) {
    throw classifyNoResponse(about, error);
  }
  const facts = { status: response.statusCode, retryAfter: response.headers['retry-after'] };
  const answer = parse(response.body);
  if (answer !== undefined && facts.status >= 400 && facts.status < 500 && facts.status !== 429) {
    throw loginRefused(answer['error'], undefined);
  }
  const { access_token: accessToken, instance_url: url, id } = answer ?? {};
  // https://login.salesforce.com/id/<organization id>/<user id>
  const organizationId = typeof id === 'string' ? /\/id\/(00D\w{12,15})\//.exec(id)?.[1] : undefined;
  if (facts.status !== 200 || typeof accessToken !== 'string' || organizationId === undefined) {
    throw classifyUnreadable(about, facts);
  }
  const instanceUrl = trustedInstance(url, options.loginUrl);
  if (instanceUrl === undefined) throw loginRefused('foreign_instance_url', undefined);
  return { accessToken, instanceUrl, organizationId };
}
