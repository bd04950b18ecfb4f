import Fastify, { type FastifyInstance } from 'fastify';
import { requestLimit } from '../limits/requests';
import type { Registry } from '../observability/metrics';

export interface Health {
  ready: boolean;
  /** For a person: what is red, or what a standby waits for. */
  [detail: string]: unknown;
}

export interface HealthDeps {
  health: () => Health | Promise<Health>;
  metrics: Registry;
  /** Further Prometheus text, e.g. of the Temporal runtime. */
  moreMetrics?: () => Promise<string>;
}

/** `GET /healthz` (the process lives), `/readyz` (it can do its work; 503 and the reasons where not), `/metrics` (Prometheus). */
export function serveHealth(app: FastifyInstance, { health, metrics, moreMetrics }: HealthDeps): void {
  app.get('/healthz', () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const state = await health();
    return reply.code(state.ready ? 200 : 503).send(state);
  });
  app.get('/metrics', async (_request, reply) => {
    // Those of the process itself are worth having where the others fail.
    const more = (await moreMetrics?.().catch(() => '# further metrics cannot be had\n')) ?? '';
    return reply.type(metrics.contentType).send((await metrics.metrics()) + more);
  });
}

/** @param requestLimitMs how long a request may take to come */
export function createHttp(requestLimitMs?: number): FastifyInstance {
  return Fastify({ logger: false, bodyLimit: 64 * 1024, ...requestLimit(requestLimitMs) });
}

/** @throws Error in words where the port is taken. @returns the address served. */
export async function listen(app: FastifyInstance, { host, port }: { host: string; port: number }): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new StartFailure(`Port ${port} on ${host} is in use. Set HTTP_PORT to a free one, or stop what holds it.`);
    if (code === 'EACCES')
      throw new StartFailure(`Port ${port} on ${host} may not be used by this user. Set HTTP_PORT to one above 1023.`);
    throw error;
  }
}

/** A start that failed for a reason a person can mend: said in one message, without a stack. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}
