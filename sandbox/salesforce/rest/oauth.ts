import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../clock';
import type { Session, Sessions } from '../store/types';
import { checkAssertion } from './jwt-bearer';
import { LoginError, type Logins } from './logins';
import { passwordMatches, userNamed, type ConnectedApp, type OrgConfig } from './org';
import { bearerToken, ownUrl } from './request';

export interface LoginDeps {
  org: OrgConfig;
  clock: Clock;
  sessions: Sessions;
  logins: Logins;
}

interface Form {
  get(name: string): string | null;
}

/** Token, userinfo, identity and revocation endpoints (Salesforce Help, "OAuth Authorization Flows" and "OpenID Connect"). */
export function oauthRoutes(app: FastifyInstance, deps: LoginDeps): void {
  const { org, logins, sessions } = deps;

  app.post('/services/oauth2/token', (request, reply) => {
    const form: Form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    try {
      const { flow, client, user } = grant(deps, form, request);
      const session = logins.open(flow, user, client.clientId);
      void reply.header('cache-control', 'no-store');
      return tokenAnswer(deps, session, client, ownUrl(request));
    } catch (error) {
      if (!(error instanceof LoginError)) throw error;
      logins.countRefusal();
      return reply.code(error.status).send({ error: error.error, error_description: error.description });
    }
  });

  const userinfo = (request: FastifyRequest) => {
    const session = sessions.validate(bearerToken(request) ?? '');
    if (typeof session === 'string') return undefined;
    const user = org.users.find(({ id }) => id === session.userId);
    const id = `${ownUrl(request)}/id/${org.orgId}/${session.userId}`;
    return {
      sub: id,
      id,
      user_id: session.userId,
      organization_id: org.orgId,
      preferred_username: session.username,
      username: session.username,
      nickname: session.username.split('@')[0],
      name: user?.name ?? session.username,
      display_name: user?.name ?? session.username,
      email: user?.email ?? session.username,
      email_verified: true,
      active: true,
      user_type: 'STANDARD',
      urls: urlsOf(ownUrl(request)),
    };
  };
  for (const url of ['/services/oauth2/userinfo', '/id/:orgId/:userId']) {
    app.get(url, (request, reply) => {
      const info = userinfo(request);
      if (info === undefined) return reply.code(403).type('text/html; charset=UTF-8').send('Bad_OAuth_Token');
      return info;
    });
  }

  app.post('/services/oauth2/revoke', (request, reply) => {
    const form: Form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    const token = form.get('token') ?? '';
    if (typeof sessions.validate(token) === 'string') {
      return reply
        .code(400)
        .send({ error: 'unsupported_token_type', error_description: 'this token is not supported' });
    }
    sessions.revoke(token);
    return reply.code(200).send();
  });
}

function urlsOf(base: string) {
  return {
    rest: `${base}/services/data/v{version}/`,
    sobjects: `${base}/services/data/v{version}/sobjects/`,
    query: `${base}/services/data/v{version}/query/`,
    partner: `${base}/services/Soap/u/{version}/`,
  };
}

function grant(deps: LoginDeps, form: Form, request: FastifyRequest) {
  const { org } = deps;
  switch (form.get('grant_type')) {
    case 'client_credentials': {
      const client = authenticatedClient(org, form, request);
      const user = userNamed(org, client.runAsUsername);
      if (user === undefined) throw new LoginError('invalid_grant', 'no client credentials user enabled');
      return { flow: 'client_credentials' as const, client, user };
    }
    case 'urn:ietf:params:oauth:grant-type:jwt-bearer': {
      const { app, user } = checkAssertion(org, ownUrl(request), form.get('assertion'));
      return { flow: 'jwt_bearer' as const, client: app, user };
    }
    case 'password': {
      const client = authenticatedClient(org, form, request);
      const user = userNamed(org, form.get('username'));
      if (user === undefined || !passwordMatches(user, form.get('password'))) {
        throw new LoginError('invalid_grant', 'authentication failure');
      }
      return { flow: 'password' as const, client, user };
    }
    case null:
    case '':
      throw new LoginError('invalid_request', 'must supply grant_type');
    default:
      throw new LoginError('unsupported_grant_type', 'grant type not supported');
  }
}

/** The app whose id and secret stand in the body or in a Basic header. */
function authenticatedClient(org: OrgConfig, form: Form, request: FastifyRequest): ConnectedApp {
  const basic = /^Basic\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const [basicId, ...basicSecret] = basic === undefined ? [] : Buffer.from(basic, 'base64').toString().split(':');
  const id = form.get('client_id') ?? basicId;
  const secret = form.get('client_secret') ?? (basicId === undefined ? undefined : basicSecret.join(':'));
  const client = org.connectedApps.find(({ clientId }) => clientId === id);
  if (client === undefined) throw new LoginError('invalid_client_id', 'client identifier invalid');
  if (secret === undefined || client.clientSecret === undefined || !same(secret, client.clientSecret)) {
    throw new LoginError('invalid_client', 'invalid client credentials');
  }
  return client;
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function tokenAnswer({ org, clock }: LoginDeps, session: Session, client: ConnectedApp, base: string) {
  const id = `${base}/id/${org.orgId}/${session.userId}`;
  const issuedAt = String(clock.now());
  const signature = createHmac('sha256', client.clientSecret ?? '')
    .update(id + issuedAt)
    .digest('base64');
  return {
    access_token: session.accessToken,
    signature,
    scope: 'api',
    instance_url: base,
    id,
    token_type: 'Bearer',
    issued_at: issuedAt,
  };
}
