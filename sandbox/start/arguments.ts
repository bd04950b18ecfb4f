import { parseArgs } from 'node:util';
import { PortRefused } from '../servers/free-port';
import { parsed, UsageError } from './usage';

export interface Ports {
  temporal: number;
  temporalUi: number;
  redis: number;
  /** Login, REST, SOAP and control API. */
  salesforce: number;
  pubsub: number;
  /** WHMCS's API and control API. */
  whmcs: number;
}

export interface StartArguments {
  /** 0 where the system is to choose. */
  ports: Ports;
  dbFile?: string;
  /** Written at start and removed at the end. The option is not called --env-file: Node 20 takes that for its own wherever it stands. */
  envFile?: string;
  /** A Redis that runs already. */
  redisUrl?: string;
}

/** The option of each port, without its dashes. */
const PORT_OPTIONS = {
  temporal: 'temporal-port',
  temporalUi: 'temporal-ui-port',
  redis: 'redis-port',
  salesforce: 'salesforce-port',
  pubsub: 'pubsub-port',
  whmcs: 'whmcs-port',
} as const satisfies Record<keyof Ports, string>;

const DEFAULTS: Ports = { temporal: 7233, temporalUi: 8233, redis: 6379, salesforce: 8301, pubsub: 7443, whmcs: 8302 };

export const USAGE = `Usage: npm run sandbox [-- options]
  --temporal-port N     Temporal's gRPC front end (${DEFAULTS.temporal})
  --temporal-ui-port N  Temporal's Web UI (${DEFAULTS.temporalUi})
  --redis-port N        Redis (${DEFAULTS.redis}); not started when REDIS_URL is set
  --salesforce-port N   Salesforce login, REST and control API (${DEFAULTS.salesforce})
  --pubsub-port N       Salesforce Pub/Sub API (${DEFAULTS.pubsub})
  --whmcs-port N        WHMCS API and control API (${DEFAULTS.whmcs})
  --free-ports          any free port for those that are not given
  --temporal-db FILE    keep workflows in this file over restarts
  --write-env FILE       write the environment to this file, removed at the end
`;

/** `REDIS_URL`; empty it counts as unset. */
export function givenRedis(environment: Record<string, string | undefined>): string | undefined {
  const url = environment['REDIS_URL'];
  return url === '' ? undefined : url;
}

/**
 * @param environment of which REDIS_URL counts
 * @throws UsageError
 */
export function parseArguments(
  args: string[],
  environment: Record<string, string | undefined>,
): StartArguments | 'help' {
  const values = parse(args);
  if (values.help === true) return 'help';
  const port = (name: keyof Ports): number => {
    const value = values[PORT_OPTIONS[name]];
    if (value === undefined) return values['free-ports'] === true ? 0 : DEFAULTS[name];
    const number = Number(value);
    if (!/^\d+$/.test(value) || number > 65_535) throw new UsageError(`${value} is not a port`);
    return number;
  };
  const redisUrl = givenRedis(environment);
  return {
    ports: {
      temporal: port('temporal'),
      temporalUi: port('temporalUi'),
      redis: port('redis'),
      salesforce: port('salesforce'),
      pubsub: port('pubsub'),
      whmcs: port('whmcs'),
    },
    ...(values['temporal-db'] === undefined ? {} : { dbFile: values['temporal-db'] }),
    ...(values['write-env'] === undefined ? {} : { envFile: values['write-env'] }),
    ...(redisUrl === undefined ? {} : { redisUrl }),
  };
}

/** A port that cannot be had, told with the option that moves it; any other error as it is. */
export function withPortAdvice(error: unknown, ports: Ports): unknown {
  if (!(error instanceof PortRefused)) return error;
  const names = Object.keys(PORT_OPTIONS) as (keyof Ports)[];
  const name = names.find((each) => ports[each] === error.port);
  if (name === undefined) return error;
  return new PortRefused(
    error.port,
    `${error.message} It is chosen by --${PORT_OPTIONS[name]} N; --free-ports takes any.`,
  );
}

function parse(args: string[]) {
  return parsed(() =>
    parseArgs({
      args,
      options: {
        'temporal-port': { type: 'string' },
        'temporal-ui-port': { type: 'string' },
        'redis-port': { type: 'string' },
        'salesforce-port': { type: 'string' },
        'pubsub-port': { type: 'string' },
        'whmcs-port': { type: 'string' },
        'free-ports': { type: 'boolean' },
        'temporal-db': { type: 'string' },
        'write-env': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }),
  ).values;
}
