import type { Argument, Command, Option } from 'commander';
import { createProgram } from './program';
import { examplesOf } from './verb';

const HEAD = `# The command line

Made by \`npx tsx scripts/write-cli-reference.ts\` from the definitions of the verbs. Run it as \`npm run orders -- <verb>\`. For programs, and for completion,
as \`npm run --silent orders -- <verb>\`: npm writes a banner to stdout otherwise. After \`npm run build && npm install -g .\` it is \`orders <verb>\`.

- **Environment.** That of the processes (see \`.env.example\`); a verb asks only for what it needs.
- **Exit codes.** 0 done; 1 failed, or the answer is no; 2 used wrongly: arguments, a bad id, or the environment.
- **\`--json\`.** One JSON document on stdout, before or after the verb. A failure is a document too: \`{"error": {"code", "message", "advice"}}\`.
- **Ids.** 18 characters, or the 15-character form, which is case-sensitive; the record's address in Salesforce will do. An 18-character id that has lost its
  upper and lower case is refused, and the one that was meant is named.
- **Colours.** On a terminal only; \`NO_COLOR\` turns them off.
- **Questions.** Verbs that ask refuse where stdin is no terminal; \`--yes\` answers them.
`;

/** Shapes of `--json`, by verb. Members may be added; none is renamed or removed. */
const SHAPES: Readonly<Record<string, string>> = {
  status:
    '`{orderId, salesforce, temporal, whmcs, cache, nextStep}`. Each system is `{asked, reached, value}`, `{asked, reached, error}` where it did not answer, or `{asked, reached, why}` where it was not asked. A run’s own account is `progress`; where it could not be had, that is null and `silence` is `{code, message, advice}`. `nextStep` is `{need: "none" | "wait" | "act", text, commands}`.',
  list: '`{runs: [{orderId, workflowId, runId, state, phase, trigger, whmcsOrderId, accountId, startedAt, closedAt, code}], total}`; `code` is the error code of an order that waits for a person, null where there is none or Salesforce did not say',
  watch:
    'At the end: `{orderId, phase, run, transitions: [{orderId, phase, at, note}]}`; without an id `{transitions}`.',
  reprovision:
    '`{orderId, runId, began}`; with `--all-failed` `{reprovisioned: [id], gone: [id], failed: [{orderId, error}]}`, where `gone` are orders that no longer waited.',
  cancel: '`{orderId, cancelled, over, phase}`; `over` is false where the run is not done yet.',
  reconcile: '`{requested, notRequested: [orderId], cancelled: [whmcsOrderId], failed: [{whmcsOrderId, code}]}`',
  invalidate:
    '`{orderId, invalidated}`; with `--catalog` or `--all` `{catalog, invalidated}` or `{all, invalidated}`, all true.',
  'dead-letters list': '`{deadLetters: [{id, orgId, topic, replayId, eventId, schemaId, reason, at, size, kept}]}`',
  'dead-letters retry': '`{id, retried}`; with `--sweep` also what the sweep came to, as `reconcile` has it',
  'dead-letters discard': '`{id, discarded}`',
  'checkpoint show': '`{organizationId, checkpoints: [{topic, replayId, savedAt, leader, mode, token}]}`',
  'checkpoint set':
    '`{organizationId, topic, replayId, before, managedSubscription}`; `managedSubscription` is the one that keeps the topic’s place in Salesforce, or null',
  doctor:
    '`{healthy, summary: {ok, warn, fail, skipped}, checks: [{system, name, status, finding, repair}]}`; `status` is `ok`, `warn`, `fail` or `skipped`.',
  completion: '`{shell, script}`',
};

/** The reference of the command line in Markdown, from the definitions. */
export function cliReference(): string {
  const program = createProgram(() => Promise.resolve());
  const verbs = program.commands.flatMap((command) => section(command, command.name(), '##'));
  return [HEAD, ...verbs].join('\n');
}

function section(command: Command, path: string, level: string): string[] {
  const usage = `orders ${path} ${command.usage()}`.replace(/ \[command\]/, ' [verb]').trimEnd();
  const rows = [...command.registeredArguments.map(argumentRow), ...command.options.map(optionRow)];
  const examples = examplesOf(command).map(
    ([line, purpose, first]) => `# ${purpose}\n${first === undefined ? '' : `${first}\n`}orders ${line}`,
  );
  const shape = SHAPES[path];
  return [
    `${level} ${path}`,
    '',
    command.description(),
    '',
    `\`${usage}\``,
    '',
    ...(rows.length === 0 ? [] : ['| | |', '|---|---|', ...rows, '']),
    ...(shape === undefined ? [] : [`JSON: ${shape}`, '']),
    ...(examples.length === 0 ? [] : ['```sh', ...examples, '```', '']),
    ...command.commands.flatMap((child) => section(child, `${path} ${child.name()}`, `${level}#`)),
  ];
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function argumentRow(argument: Argument): string {
  const choices = argument.argChoices === undefined ? '' : ` (${argument.argChoices.join(', ')})`;
  return `| \`${argument.required ? `<${argument.name()}>` : `[${argument.name()}]`}\` | ${cell(argument.description + choices)} |`;
}

function optionRow(option: Option): string {
  const choices = option.argChoices === undefined ? '' : ` (${option.argChoices.join(', ')})`;
  const fallback = option.defaultValue === undefined ? '' : ` (default ${String(option.defaultValue)})`;
  return `| \`${cell(option.flags)}\` | ${cell(option.description + choices + fallback)} |`;
}
