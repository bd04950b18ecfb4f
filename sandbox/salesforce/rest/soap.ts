import { XMLParser } from 'fast-xml-parser';
import type { FastifyInstance } from 'fastify';
import { LoginError } from './logins';
import type { LoginDeps } from './oauth';
import { passwordMatches, userNamed } from './org';
import { ownUrl } from './request';

const parser = new XMLParser({ removeNSPrefix: true, parseTagValue: false, ignoreAttributes: true, trimValues: false });

const escape = (text: string) => text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c] ?? c);

function envelope(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;
}

function fault(code: string, message: string): string {
  const text = escape(`${code}: ${message}`);
  return envelope(
    `<soapenv:Fault><faultcode>sf:${code}</faultcode><faultstring>${text}</faultstring><detail><sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>${code}</sf:exceptionCode><sf:exceptionMessage>${escape(message)}</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault>`,
  );
}

interface Call {
  Envelope?: {
    Header?: { SessionHeader?: { sessionId?: string } };
    Body?: { login?: { username?: string; password?: string }; logout?: unknown };
  };
}

const INVALID_LOGIN = 'Invalid username, password, security token; or user locked out.';

/** login() and logout() of the partner SOAP API, which jsforce's `conn.login` and `conn.logout` use. */
export function soapRoutes(app: FastifyInstance, { org, logins, sessions }: LoginDeps): void {
  app.post<{ Params: { version: string } }>('/services/Soap/u/:version', (request, reply) => {
    void reply.type('text/xml; charset=utf-8');
    const call = parser.parse(typeof request.body === 'string' ? request.body : '') as Call;
    const body = call.Envelope?.Body;
    if (body?.logout !== undefined) {
      sessions.revoke(call.Envelope?.Header?.SessionHeader?.sessionId ?? '');
      return envelope('<logoutResponse/>');
    }
    if (body?.login === undefined) {
      return reply.code(500).send(fault('UNKNOWN_EXCEPTION', 'The sandbox knows only login and logout of this API'));
    }
    try {
      const user = userNamed(org, body.login.username);
      if (user === undefined || !passwordMatches(user, body.login.password)) {
        throw new LoginError('INVALID_LOGIN', INVALID_LOGIN);
      }
      const session = logins.open('soap', user);
      const { version } = request.params;
      const server = `${ownUrl(request)}/services/Soap/u/${version}/${org.orgId.slice(0, 15)}`;
      const info = `<userInfo><organizationId>${org.orgId}</organizationId><userEmail>${escape(user.email ?? user.username)}</userEmail><userId>${user.id}</userId><userName>${escape(user.username)}</userName></userInfo>`;
      return envelope(
        `<loginResponse><result><metadataServerUrl>${server}</metadataServerUrl><passwordExpired>false</passwordExpired><sandbox>false</sandbox><serverUrl>${server}</serverUrl><sessionId>${escape(session.accessToken)}</sessionId><userId>${user.id}</userId>${info}</result></loginResponse>`,
      );
    } catch (error) {
      if (!(error instanceof LoginError)) throw error;
      logins.countRefusal();
      return reply.code(500).send(fault('INVALID_LOGIN', INVALID_LOGIN));
    }
  });
}
