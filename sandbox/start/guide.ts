import type { Sandbox } from '../sandbox';
import { hostOf } from '../servers/given-redis';

type GuidedSandbox = Pick<Sandbox, 'env' | 'temporal' | 'salesforce' | 'whmcs'>;

interface MoreToTell {
  /** Where the environment was written to. */
  envFile?: string;
  /** The product's processes, where they run already. */
  processes?: { name: string; url: string }[];
}

/** What is about to be started, and which Redis is used where one was given. @throws RedisUnreachable when that is no address */
export function starting(redisUrl: string | undefined): string {
  const redis = redisUrl === undefined ? 'Redis' : `the Redis of REDIS_URL (${hostOf(redisUrl)})`;
  return `Starting Temporal with its Web UI, ${redis}, and the Salesforce and WHMCS emulators …`;
}

/** What a person who has just started the sandbox wants to know, with commands that work as they stand. */
export function guide(
  { env, temporal, salesforce, whmcs }: GuidedSandbox,
  drafts: string[],
  more: MoreToTell = {},
): string {
  const { envFile: file, processes = [] } = more;
  const [draft = ''] = drafts;
  const salesforceControl = `${salesforce.loginUrl}/control`;
  const lines = [
    '',
    `Environment of ${processes.length > 0 ? 'orders' : 'listener, worker, portal and orders'} (paste it into the shell that starts them):`,
    ...Object.entries(env).map(([name, value]) => `  export ${name}=${quote(value)}`),
    ...(file === undefined ? [] : [`or: set -a; . ${quote(file)}; set +a`]),
    '',
    `Temporal Web UI     ${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows`,
    `Salesforce control  ${salesforceControl}`,
    `  approve an order  curl -s -X POST ${salesforceControl}/orders/${draft}/approve`,
    ...requestLine(salesforceControl, draft, env['SF_PROVISION_EVENT_CHANNEL']),
    `  see it            curl -s ${salesforceControl}/records/Order/${draft}`,
    `  what was asked    curl -s ${salesforceControl}/ledger`,
    `WHMCS control       ${whmcs.controlUrl}`,
    `  see the orders    curl -s ${whmcs.controlUrl}/orders`,
    `  lose an answer    curl -s -X POST ${whmcs.controlUrl}/faults -d '{"kind":"commitThenLose","action":"^AddOrder$","count":1}'`,
    '',
    ...processes.map(({ name, url }) => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`.padEnd(20) + url),
    ...processes
      .filter(({ name }) => name === 'portal')
      .map(({ url }) => `  an order in it    curl -si ${url}/orders/${draft}`),
    ...(processes.length > 0 ? [''] : []),
    `Draft orders to approve: ${drafts.join(' ')}`,
    'Ctrl-C stops everything.',
    '',
  ];
  return lines.join('\n');
}

/** In dual mode an approval alone provisions nothing: in an org a Flow asks for it, and here a person does. */
function requestLine(control: string, orderId: string, channel: string | undefined): string[] {
  if (channel === undefined) return [];
  const event = channel.split('/').at(-1) ?? '';
  return [`  and request it    curl -s -X POST ${control}/events/${event} -d '{"OrderId__c":"${orderId}"}'`];
}

/** The environment as lines that a shell, Docker or dotenv reads. */
export function envFile(env: Record<string, string>): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** For a POSIX shell. */
function quote(value: string): string {
  return /^[\w./:@%+=,-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
