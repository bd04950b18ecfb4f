import { Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../../config/durations';
import type { OrderId } from '../../domain/order';
import type { Run, RunStory } from '../../temporal/operator';
import type { Phase } from '../../domain/phase';
import type { Cli } from '../cli';
import { EXIT, type ExitCode, type ToldFailure } from '../failure';
import { readOrderId } from '../order-id';
import { instant, printable } from '../output';
import { pause, untilAtRest } from '../story/at-rest';
import { requireKnownOrder } from '../story/known-order';
import { paintPhase } from '../story/runs';
import { silenceOf } from '../story/silence';
import { withExamples, type Verb } from '../verb';

interface Transition {
  orderId: string;
  phase: Phase | null;
  /** ISO 8601. */
  at: string;
  note: string | null;
}

/** Ends when somebody presses Ctrl-C, or after `--for`. */
function patience(cli: Cli, forMs: number | undefined): { signal: AbortSignal; until: number } {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  cli.resources.push('signals', () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  });
  return { signal: stop.signal, until: forMs === undefined ? Infinity : Date.now() + forMs };
}

function line(cli: Cli, { orderId, phase, at, note }: Transition): void {
  if (cli.json) return;
  const remark = note === null ? '' : `  ${cli.paint('dim', printable(note))}`;
  cli.stdout.write(`${cli.paint('dim', instant(at))}  ${orderId}  ${paintPhase(phase, cli.paint)}${remark}\n`);
}

/** What a look shows that earlier ones did not: transitions of this run after the ones already told. */
function news(orderId: OrderId, story: RunStory, told: Map<string, number>): Transition[] {
  const history = story.progress?.history ?? [];
  // The run keeps the last 50 only, so that what has been told is known by its time and not by its place.
  const since = told.get(story.runId) ?? 0;
  const fresh = history.filter(({ at }) => Date.parse(at) > since);
  const last = fresh.at(-1);
  if (last !== undefined) told.set(story.runId, Date.parse(last.at));
  return fresh.map(({ phase, at, note }) => ({ orderId, phase, at, note: note ?? null }));
}

async function watchOne(cli: Cli, orderId: OrderId, forMs: number | undefined): Promise<ExitCode> {
  const { operator } = await cli.temporal();
  if ((await operator.latest(orderId)) === undefined) {
    await requireKnownOrder(cli, orderId);
    cli.note(`Order ${orderId} has no run yet. Waiting for one; Ctrl-C ends.`);
  }
  const told = new Map<string, number>();
  const transitions: Transition[] = [];
  let silent: string | undefined;
  const story = await untilAtRest(operator, orderId, {
    ...patience(cli, forMs),
    onLook: (seen) => {
      const silence = seen?.state === 'running' ? silenceOf(seen) : undefined;
      if (silence !== undefined && silence.code !== silent) cli.note(unheard(silence));
      silent = silence?.code;
      for (const transition of seen === undefined ? [] : news(orderId, seen, told)) {
        transitions.push(transition);
        line(cli, transition);
      }
    },
  });
  const phase = story?.progress?.phase ?? story?.phase ?? null;
  const summary = { orderId, phase, run: story?.state ?? null, transitions };
  cli.report(summary, () => ending(orderId, story, cli));
  return phase === 'Activated' || phase === 'Skipped' ? EXIT.ok : EXIT.failed;
}

const unheard = ({ message, advice }: ToldFailure): string =>
  `The run does not say where it is: ${printable(message)}. ${advice ?? ''} Still waiting; Ctrl-C ends.`;

function ending(orderId: OrderId, story: RunStory | undefined, cli: Cli): string {
  if (story === undefined) return `Order ${orderId} has no run.`;
  const { phase, progress, state } = story;
  const where = paintPhase(progress?.phase ?? phase, cli.paint);
  const why = progress?.phase === 'Skipped' ? progress.skipped : progress?.lastError?.message;
  const rest = why == null ? '' : ` ${printable(why)}`;
  const advice = `See \`orders status ${orderId}\` for what to do.`;
  const isWell = progress?.phase === 'Activated' || progress?.phase === 'Skipped';
  return `${where} (run ${state}).${rest}${isWell ? '' : ` ${advice}`}`;
}

/** Runs that live, and those that ended since. */
const recent = (since: Date): string => `ExecutionStatus = 'Running' OR CloseTime >= '${since.toISOString()}'`;
const EVERY_MS = 1_000;

async function watchAll(cli: Cli, forMs: number | undefined): Promise<ExitCode> {
  const { operator } = await cli.temporal();
  const { signal, until } = patience(cli, forMs);
  const since = new Date();
  const seen = new Map<string, string>();
  const transitions: Transition[] = [];
  cli.note('Following every order; Ctrl-C ends.');
  while (!signal.aborted && Date.now() < until) {
    for await (const run of operator.runs(recent(since))) {
      const key = `${run.phase ?? ''} ${run.state}`;
      if (seen.get(run.runId) === key) continue;
      seen.set(run.runId, key);
      const transition = transitionOf(run);
      transitions.push(transition);
      line(cli, transition);
    }
    await pause(Math.min(EVERY_MS, until - Date.now()), signal);
  }
  if (cli.json) cli.report({ transitions }, () => '');
  return EXIT.ok;
}

/** Visibility tells that a phase has changed, not when: the time is that of the look, or of the end. */
function transitionOf({ orderId, phase, state, closedAt }: Run): Transition {
  const at = (closedAt ?? new Date()).toISOString();
  return { orderId, phase, at, note: state === 'running' ? null : `run ${state}` };
}

function parseFor(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Give a duration such as 30s or 5m.');
  return ms;
}

export const watchVerb: Verb = (invoke) => {
  const command = new Command('watch')
    .summary('follow orders live')
    .description(
      'Follows one order, transition by transition, until it is at rest; without an id, every order until Ctrl-C. Of one order the exit code is 0 where it ends Activated or Skipped, else 1.',
    )
    .argument('[id]', 'the order’s id in Salesforce')
    .option('--for <duration>', 'give up after this long', parseFor)
    .action((id: string | undefined, options: { for?: number }) =>
      invoke(command, (cli) =>
        id === undefined ? watchAll(cli, options.for) : watchOne(cli, readOrderId(id), options.for),
      ),
    );
  return withExamples(command, [
    ['watch 801xx000003DHPxAAO', 'after a reprovision'],
    ['watch', 'all orders, as they go'],
  ]);
};
