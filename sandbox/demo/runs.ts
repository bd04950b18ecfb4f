import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import type { Cast } from './cast';

const TIME_LIMIT_MS = 30_000;
const WAITS_FOR_A_PERSON = 'AwaitingReprovision';

/** The phase of each order's run, by its `status` query, once the run is closed or waits for a person; `no run` where there is none. */
export async function phasesAtRest(
  { orders }: Cast,
  { address, namespace }: { address: string; namespace: string },
): Promise<Map<string, string>> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const end = performance.now() + TIME_LIMIT_MS;
  const phaseOf = async (id: string, expected: boolean): Promise<string> => {
    const handle = client.workflow.getHandle(`provision-order-${id}`);
    for (;;) {
      const late = performance.now() > end;
      try {
        const { status } = await handle.describe();
        const { phase } = await handle.query<{ phase: string }>('status');
        if (status.name !== 'RUNNING' || phase === WAITS_FOR_A_PERSON || late) return phase;
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        if (!expected || late) return 'no run';
      }
      await sleep(100);
    }
  };
  try {
    const pairs = orders.map(async ({ id, role }) => [id, await phaseOf(id, role !== 'cancelled')] as const);
    return new Map(await Promise.all(pairs));
  } finally {
    await connection.close();
  }
}
