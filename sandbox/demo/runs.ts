import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import type { Cast } from './cast';
import { EXPECTED, NO_RUN } from './expected';

const QUERY_LIMIT_MS = 5_000;
const POLL_MS = 100;
const WAITS_FOR_A_PERSON = 'AwaitingReprovision';

/**
 * The phase of each order's run, by its `status` query, once the run is closed or waits for a person, or time is up.
 * `no run` where there is none; `unknown` where nobody answers: the query needs a worker.
 */
export async function phasesAtRest(
  { orders }: Cast,
  { address, namespace }: { address: string; namespace: string },
  { limitMs, giveUp }: { limitMs: number; giveUp: AbortSignal },
): Promise<Map<string, string>> {
  const connection = Connection.lazy({ address });
  const client = new Client({ connection, namespace });
  const end = performance.now() + limitMs;

  const look = async (id: string): Promise<{ phase: string; atRest: boolean }> => {
    const handle = client.workflow.getHandle(`provision-order-${id}`);
    try {
      return await connection.withDeadline(Date.now() + QUERY_LIMIT_MS, async () => {
        const { status } = await handle.describe();
        const { phase } = await handle.query<{ phase: string }>('status');
        return { phase, atRest: status.name !== 'RUNNING' || phase === WAITS_FOR_A_PERSON };
      });
    } catch (error) {
      return { phase: error instanceof WorkflowNotFoundError ? NO_RUN : 'unknown', atRest: false };
    }
  };
  const phaseOf = async (id: string, expected: string): Promise<string> => {
    for (;;) {
      const { phase, atRest } = await look(id);
      // A run that nobody ought to have started is not waited for.
      if (atRest || phase === expected || giveUp.aborted || performance.now() > end) return phase;
      await sleep(POLL_MS, undefined, { signal: giveUp }).catch(() => undefined);
    }
  };
  try {
    const pairs = orders.map(async ({ id, role }) => [id, await phaseOf(id, EXPECTED[role].phase)] as const);
    return new Map(await Promise.all(pairs));
  } finally {
    await connection.close();
  }
}
