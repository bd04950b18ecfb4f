import type { Sandbox } from '../sandbox';

/** What a person who has just started the sandbox wants to know, with commands that work as they stand. */
export function guide({ env, temporal, salesforce, whmcs }: Sandbox, drafts: string[], file?: string): string {
  const [draft = ''] = drafts;
  const salesforceControl = `${salesforce.loginUrl}/control`;
  const lines = [
    '',
    'Environment of listener, worker, portal and orders (paste it into the shell that starts them):',
    ...Object.entries(env).map(([name, value]) => `  export ${name}=${quote(value)}`),
    ...(file === undefined ? [] : [`or: set -a; . ${quote(file)}; set +a`]),
    '',
    `Temporal Web UI     ${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows`,
    `Salesforce control  ${salesforceControl}`,
    `  approve an order  curl -s -X POST ${salesforceControl}/orders/${draft}/approve`,
    `  see it            curl -s ${salesforceControl}/records/Order/${draft}`,
    `  what was asked    curl -s ${salesforceControl}/ledger`,
    `WHMCS control       ${whmcs.controlUrl}`,
    `  see the orders    curl -s ${whmcs.controlUrl}/orders`,
    `  lose an answer    curl -s -X POST ${whmcs.controlUrl}/faults -d '{"kind":"commitThenLose","action":"^AddOrder$","count":1}'`,
    '',
    `Draft orders to approve: ${drafts.join(' ')}`,
    'Ctrl-C stops everything.',
    '',
  ];
  return lines.join('\n');
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
