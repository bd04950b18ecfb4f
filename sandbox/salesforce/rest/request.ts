import type { FastifyRequest } from 'fastify';

/** The URL at which the client reached us: an org is its own instance, behind whatever name or port. */
export const ownUrl = (request: FastifyRequest): string => `${request.protocol}://${request.host}`;

/** The token of `Authorization: Bearer` (or `OAuth`, the older word for it). */
export const bearerToken = (request: FastifyRequest): string | undefined =>
  /^(?:Bearer|OAuth)\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];

/** `client=` of the Sforce-Call-Options header: it names the client in the change origin of what it writes. */
export function clientName(request: FastifyRequest): string | undefined {
  const options = request.headers['sforce-call-options'];
  return typeof options === 'string' ? /(?:^|[,;]\s*)client=([^,;]+)/i.exec(options)?.[1]?.trim() : undefined;
}
