import { Client, Connection } from '@temporalio/client';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { NO_PROFILES } from '../../../sandbox/product-environment';
import type { RedisServer } from '../../../sandbox/servers/redis';
import { eventually } from '../../support/eventually';
import { ProvisioningWorld } from '../../support/provisioning-world';
import { builtProduct, freshRedis, temporalAddress, uniqueName } from '../../support/servers';
import { createSearchAttributes, missingSearchAttributes } from '../../../src/temporal/search-attributes';

/** What a run of the command line left behind. */
export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

export type Environment = Record<string, string | undefined>;

/**
 * Runs `orders` as a person would: its own process, its own environment, no terminal unless `input` says otherwise.
 * @param heard is given what stderr has said so far, while the verb still runs
 */
export async function orders(
  args: readonly string[],
  environment: Environment,
  heard: (stderr: string) => void = () => undefined,
): Promise<Ran> {
  const build = await builtProduct();
  return new Promise((resolve, reject) => {
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TEMPORAL_CONFIG_FILE: NO_PROFILES,
      ...environment,
    };
    const child = spawn(process.execPath, [join(build, 'src', 'cli', 'orders.js'), ...args], {
      cwd: build,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ran: Ran = { code: null, stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (ran.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      ran.stderr += chunk.toString();
      heard(ran.stderr);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...ran, code }));
  });
}

/** The JSON document on stdout: all of stdout, or the run is at fault. */
export function documentOf({ stdout, stderr }: Ran): unknown {
  try {
    return JSON.parse(stdout) as unknown;
  } catch {
    throw new Error(`stdout is not one JSON document:\n${stdout}\nstderr:\n${stderr}`);
  }
}

/** Salesforce, WHMCS, Redis, a Temporal namespace and a worker, for one file of tests; and the environment that names them. */
export interface CliWorld {
  world: ProvisioningWorld;
  redis: RedisServer;
  env: Environment;
  run: (...args: string[]) => Promise<Ran>;
  json: <T extends object = Record<string, unknown>>(...args: string[]) => Promise<T & { exitCode: number | null }>;
  close: () => Promise<void>;
}

/** A namespace of its own: `list` and `--all-failed` are about every order in it. */
export async function freshNamespace(): Promise<{ client: Client; address: string; namespace: string }> {
  const address = await temporalAddress();
  const connection = await Connection.connect({ address });
  const namespace = uniqueName('cli');
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  const client = new Client({ connection, namespace });
  // The server's parts learn of a new namespace one after the other.
  await eventually(() => client.workflow.count());
  return { client, address, namespace };
}

export async function startCliWorld({ quietPeriodMs = 1_000 } = {}): Promise<CliWorld> {
  const [{ client, address, namespace }, redis] = await Promise.all([freshNamespace(), freshRedis()]);
  await createSearchAttributes(client, await missingSearchAttributes(client));
  await eventually(() => client.workflow.count("ProvisioningPhase = 'Loading'"));
  const world = await ProvisioningWorld.start({ temporal: { client, address }, quietPeriodMs, redisUrl: redis.url });
  const { salesforce, whmcs, taskQueue } = world;
  const env: Environment = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    TEMPORAL_TASK_QUEUE: taskQueue,
    SF_LOGIN_URL: salesforce.loginUrl,
    SF_CLIENT_ID: salesforce.credentials.clientId,
    SF_CLIENT_SECRET: salesforce.credentials.clientSecret,
    SF_PUBSUB_ENDPOINT: salesforce.pubsubEndpoint,
    SF_PUBSUB_INSECURE: 'true',
    WHMCS_API_URL: whmcs.apiUrl,
    WHMCS_API_IDENTIFIER: whmcs.credentials.identifier,
    WHMCS_API_SECRET: whmcs.credentials.secret,
    REDIS_URL: redis.url,
  };
  const run = (...args: string[]) => orders(args, env);
  return {
    world,
    redis,
    env,
    run,
    json: async <T extends object>(...args: string[]) => {
      const ran = await run(...args, '--json');
      return { ...(documentOf(ran) as T), exitCode: ran.code };
    },
    close: async () => {
      await world.close();
      await client.connection.close();
      await redis.stop();
    },
  };
}
