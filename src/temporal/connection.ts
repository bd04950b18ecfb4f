import { Client, Connection, type ConnectionOptions, type WorkflowClientInterceptor } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { ConfigurationError, type Environment } from '../config/load';
import { refuseWeakTransport } from './transport-security';

export interface TemporalTarget {
  connection: ConnectionOptions;
  namespace: string;
}

/**
 * Where Temporal is: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS_*`, `TEMPORAL_PROFILE`, as
 * `@temporalio/envconfig` reads them, but that an empty one is unset, as all our variables are: envconfig would open a file of no
 * name, and send an API key of no length.
 * @throws ConfigurationError
 */
export function temporalTarget(environment: Environment = process.env): TemporalTarget {
  const set = Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== '');
  const given = Object.fromEntries(set) as Record<string, string>;
  const profile = readable(() => loadClientConfigProfile({ overrideEnvVars: given }));
  refuseWeakTransport(profile, given);
  const { connectionOptions, namespace } = readable(() => toClientOptions(profile));
  return { connection: connectionOptions, namespace: namespace ?? 'default' };
}

/** Of what envconfig says, the sentences that quote no content: a file of profiles may hold a key. */
const QUOTES_NOTHING = /^(Profile '|Validation error: |Cannot specify |ENOENT: |EACCES: |EISDIR: )/;

/** @throws ConfigurationError for whatever envconfig cannot read */
function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const [sentence = ''] = (error instanceof Error ? error.message : '').split('\n');
    const why = QUOTES_NOTHING.test(sentence) ? `: ${sentence}` : '';
    throw new ConfigurationError([`TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE or TEMPORAL_TLS_* cannot be read${why}`]);
  }
}

/** The same target for a worker's connection, whose options are a subset of the client's. */
export function nativeOptions({
  connection: { address, tls, apiKey, metadata },
}: TemporalTarget): NativeConnectionOptions {
  return {
    ...(address === undefined ? {} : { address }),
    ...(tls === undefined ? {} : { tls }),
    ...(typeof apiKey === 'string' ? { apiKey } : {}),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/**
 * @param dataConverter see `codec/`
 * @throws Error that names the address where Temporal cannot be reached within 10 s.
 */
export async function connectTemporal(
  { connection, namespace }: TemporalTarget,
  dataConverter: DataConverter | undefined,
  interceptors: WorkflowClientInterceptor[] = [],
): Promise<Client> {
  try {
    return new Client({
      connection: await Connection.connect({ connectTimeout: '10 seconds', ...connection }),
      namespace,
      ...(dataConverter === undefined ? {} : { dataConverter }),
      interceptors: { workflow: interceptors },
    });
  } catch (error) {
    throw new Error(
      `Temporal cannot be reached at ${connection.address ?? 'localhost:7233'}. Check TEMPORAL_ADDRESS and that the server runs`,
      { cause: error },
    );
  }
}
