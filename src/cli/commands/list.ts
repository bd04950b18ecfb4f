import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../config/durations';
import type { Operator, Run } from '../../temporal/operator';
import { PASSING_PHASES, phaseQuery, PHASES, type Phase } from '../../domain/phase';
import type { Cli } from '../cli';
import { codeOf, codesOf, missingCodes } from '../story/codes';
import { known } from '../story/facts';
import { runDocument, runTable } from '../story/runs';
import { inPassingPhase } from '../story/under-way';
import { withExamples, type Verb } from '../verb';

interface ListOptions {
  phase?: Phase;
  /** Epoch ms, as is `before`. */
  since?: number;
  before?: number;
  limit: number;
}

/** `24h`, `7d`, or a date such as `2026-11-23`, as epoch ms. */
export function parseTime(text: string): number {
  const duration = parseDuration(text);
  const at = duration === undefined ? Date.parse(/^\d{4}-\d\d-\d\d/.test(text) ? text : '') : Date.now() - duration;
  if (Number.isNaN(at)) throw new InvalidArgumentError('Give a duration such as 24h or 7d, or a date.');
  return at;
}

function parseLimit(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit < 1) throw new InvalidArgumentError('Give a number from 1 to 99999.');
  return limit;
}

/** The visibility query of a list. The phase is one of ours and times are numbers: nothing of it needs escaping. */
export function filterOf({ phase, since, before }: Omit<ListOptions, 'limit'>): string | undefined {
  const parts = [
    phase === undefined ? undefined : phaseQuery(phase),
    since === undefined ? undefined : `StartTime >= '${new Date(since).toISOString()}'`,
    before === undefined ? undefined : `StartTime < '${new Date(before).toISOString()}'`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(' AND ');
}

interface Found {
  runs: Run[];
  /** Beyond the limit too. */
  total: number;
}

async function published(operator: Operator, { limit, ...wanted }: ListOptions): Promise<Found> {
  const filter = filterOf(wanted);
  const runs: Run[] = [];
  for await (const run of operator.runs(filter)) {
    runs.push(run);
    if (runs.length >= limit) break;
  }
  return { runs, total: runs.length < limit ? runs.length : await operator.count(filter) };
}

const isPassing = (phase: Phase | undefined): phase is Phase => phase !== undefined && PASSING_PHASES.includes(phase);

async function passing(
  cli: Cli,
  operator: Operator,
  phase: Phase,
  { limit, since, before }: ListOptions,
): Promise<Found> {
  // Visibility is asked for the times alone: it does not know the phase.
  const times = { ...(since === undefined ? {} : { since }), ...(before === undefined ? {} : { before }) };
  const { runs, silent, more } = await inPassingPhase(operator, phase, filterOf(times));
  if (silent > 0) cli.note(`${silent} runs under way did not say in which phase they are.`);
  if (more) cli.note('More orders are under way than were asked; the newest were.');
  return { runs: runs.slice(0, limit), total: runs.length };
}

async function list(cli: Cli, options: ListOptions): Promise<undefined> {
  const { operator } = await cli.temporal();
  const { runs, total } = isPassing(options.phase)
    ? await passing(cli, operator, options.phase, options)
    : await published(operator, options);
  const seen = await codesOf(cli, runs);
  const codes = known(seen) ?? new Map<string, string>();
  const missing = missingCodes(seen);
  if (missing !== undefined) cli.note(missing);
  cli.report({ runs: runs.map((run) => ({ ...runDocument(run), code: codeOf(run, codes) })), total }, () => {
    if (runs.length === 0) return 'No runs.';
    const more = total > runs.length ? `\n${total - runs.length} more; see --limit.` : '';
    return runTable(runs, cli.paint, codes) + more;
  });
  return undefined;
}

export const listVerb: Verb = (invoke) => {
  const command = new Command('list')
    .summary('list orders by phase')
    .description(
      'Lists the runs of orders that Temporal keeps, newest first, and the error code of each that waits for a person, from Salesforce. An order that was run again has several. Loading is every order under way; of the phases between, the open runs themselves are asked.',
    )
    .addOption(new Option('--phase <phase>', 'only runs in this phase').choices(PHASES))
    .option('--since <time>', 'only runs begun since: a duration (24h, 7d) or a date', parseTime)
    .option('--before <time>', 'only runs begun before: the oldest are what is stuck', parseTime)
    .option('--limit <n>', 'how many at most', parseLimit, 50)
    .action((options: ListOptions) => invoke(command, (cli) => list(cli, options)));
  return withExamples(command, [
    ['list --phase AwaitingReprovision', 'orders that wait for a person'],
    ['list --phase Loading --before 30m', 'orders under way for longer than STUCK_AFTER'],
    ['list --since 24h --json', 'the last day, for a program'],
  ]);
};
