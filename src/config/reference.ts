import {
  CACHE_FIELDS,
  CACHE_TTL,
  CALL_LIMITS,
  CATALOG,
  CODEC_SERVER,
  DEPLOYMENT,
  POLICY,
  PORTAL,
  PROCESS,
  PUBSUB,
  REDIS,
  SALESFORCE,
  TEMPORAL,
  TRACING,
  WHMCS,
  WORKER_SIZE,
  type Variable,
} from './variables';

/** The groups of variables as a reader meets them, and the processes that read each. */
const GROUPS: { title: string; readBy: string; variables: Record<string, Variable> }[] = [
  { title: 'Salesforce', readBy: 'listener, worker, portal', variables: SALESFORCE },
  { title: 'Pub/Sub API', readBy: 'listener', variables: PUBSUB },
  { title: 'What is provisioned, and when', readBy: 'listener, worker', variables: POLICY },
  { title: 'What customers see', readBy: 'listener', variables: CACHE_FIELDS },
  { title: 'WHMCS', readBy: 'worker', variables: WHMCS },
  { title: 'Limits of calls, over all workers', readBy: 'worker', variables: CALL_LIMITS },
  { title: 'Redis', readBy: 'listener, worker, portal', variables: REDIS },
  { title: 'Temporal', readBy: 'listener, worker', variables: { ...temporalOwn(), ...TEMPORAL } },
  { title: 'Size of a worker', readBy: 'worker', variables: WORKER_SIZE },
  { title: 'Worker versioning', readBy: 'worker', variables: DEPLOYMENT },
  { title: 'Traces', readBy: 'listener, worker', variables: TRACING },
  { title: 'Portal', readBy: 'portal', variables: { ...CATALOG, ...CACHE_TTL, ...PORTAL } },
  { title: 'Codec server', readBy: 'codec server', variables: CODEC_SERVER },
  { title: 'Each process', readBy: 'listener, worker, portal', variables: PROCESS },
];

/** Read by `@temporalio/envconfig`; here for the reference only. */
function temporalOwn(): Record<string, Variable> {
  const about = (text: string, fallback?: string): Variable => ({
    schema: TEMPORAL.TEMPORAL_TASK_QUEUE.schema,
    about: text,
    ...(fallback === undefined ? {} : { fallback }),
  });
  return {
    TEMPORAL_ADDRESS: about('Host and port of the Temporal server.', 'localhost:7233'),
    TEMPORAL_NAMESPACE: about('Namespace.', 'default'),
    TEMPORAL_API_KEY: about('API key, for Temporal Cloud.'),
    TEMPORAL_TLS: about('true for TLS without more; an API key or any TEMPORAL_TLS_* variable implies it.'),
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: about('Certificate of the authority that the server is verified against.'),
    TEMPORAL_TLS_SERVER_CA_CERT_DATA: about('The same, as its text.'),
    TEMPORAL_TLS_SERVER_NAME: about(
      'Name that the server’s certificate must have, where it is not the host of the address.',
    ),
    TEMPORAL_TLS_CLIENT_CERT_PATH: about('Client certificate, for mutual TLS.'),
    TEMPORAL_TLS_CLIENT_CERT_DATA: about('The same, as its text.'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: about('Key of the client certificate, readable by its owner only.'),
    TEMPORAL_TLS_CLIENT_KEY_DATA: about('The same, as its text.'),
    TEMPORAL_CONFIG_FILE: about(
      'File of Temporal profiles; unset, temporalio/temporal.toml in the user’s configuration folder.',
    ),
    TEMPORAL_PROFILE: about('Profile of that file to use.'),
  };
}

function isRequired({ schema, fallback }: Variable): boolean {
  return fallback === undefined && !schema.safeParse(undefined).success;
}

function envLines([name, variable]: [string, Variable]): string {
  const own = name.startsWith('TEMPORAL_') && !(name in TEMPORAL);
  const required = !own && name !== 'HTTP_PORT' && isRequired(variable);
  return [`# ${variable.about}`, required ? `${name}=` : `#${name}=${variable.fallback ?? ''}`].join('\n');
}

/** The text of `.env.example`: every variable, what it is for, and its default. */
export function envExample(): string {
  const head =
    '# Every variable that the processes read. Required ones stand bare; the others show their default.\n# Made by `npx tsx scripts/write-env-example.ts` from src/config/variables.ts.\n';
  const groups = GROUPS.map(
    ({ title, readBy, variables }) =>
      `## ${title} (${readBy})\n\n${Object.entries(variables).map(envLines).join('\n\n')}`,
  );
  return `${head}\n${groups.join('\n\n')}\n`;
}
