import type { Client } from '@temporalio/client';
import { loadCliConfig, type Environment } from '../../config';
import { dataConverterFor } from '../../temporal/codec';
import { connectTemporal, temporalTarget } from '../../temporal/connection';
import { createOperator, type Operator } from '../../temporal/operator';
import { createOrderWorkflows, type OrderWorkflows } from '../../temporal/orders';
import { CliFailure } from '../failure';

/** How long a verb waits before it says that Temporal cannot be reached. */
const CONNECT_LIMIT_MS = 5_000;

export interface Temporal {
  client: Client;
  /** As `TEMPORAL_ADDRESS` says. */
  address: string;
  namespace: string;
  taskQueue: string;
  workflows: OrderWorkflows;
  operator: Operator;
}

/**
 * Connects.
 * @param onUnreadable told what is wrong with `TEMPORAL_CODEC_KEYS_FILE`, where something is
 * @throws CliFailure `TEMPORAL_UNREACHABLE`; ConfigurationError
 */
export async function openTemporal(environment: Environment, onUnreadable: (error: Error) => void): Promise<Temporal> {
  const { taskQueue, codecKeys } = loadCliConfig.temporal(environment);
  const { connection, namespace } = temporalTarget(environment);
  const address = connection.address ?? 'localhost:7233';
  try {
    const client = await connectTemporal(
      { connection: { connectTimeout: CONNECT_LIMIT_MS, ...connection }, namespace },
      dataConverterFor(codecKeys, onUnreadable),
    );
    const workflows = createOrderWorkflows(client, taskQueue);
    return { client, address, namespace, taskQueue, workflows, operator: createOperator(client, taskQueue) };
  } catch (error) {
    throw new CliFailure({
      code: 'TEMPORAL_UNREACHABLE',
      message: `Temporal cannot be reached at ${address}`,
      advice: 'Check TEMPORAL_ADDRESS (and TEMPORAL_TLS_*, TEMPORAL_API_KEY), and that the server runs.',
      cause: error,
    });
  }
}
