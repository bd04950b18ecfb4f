import { Command, InvalidArgumentError } from 'commander';
import { isFailureCode, type FailureCode } from '../../domain/failure';
import type { OrderId } from '../../domain/order';
import { phaseQuery } from '../../domain/phase';
import type { Run } from '../../temporal/operator';
import type { Cli } from '../cli';
import { confirm } from '../confirm';
import { CliFailure, EXIT, tell, type ExitCode, type ToldFailure } from '../failure';
import { readOrderId } from '../order-id';
import { codeOf, codesOf, type Codes } from '../story/codes';
import { known, type Seen } from '../story/facts';
import { requireKnownOrder } from '../story/known-order';
import { runTable } from '../story/runs';
import { withExamples, type Verb } from '../verb';

interface ReprovisionOptions {
  reason?: string;
  by?: string;
  allFailed?: true;
  code?: FailureCode;
  yes?: true;
}

/** Who asks, for the history of the run: nobody's name, unless `--by` gives one. */
function requestOf({ reason, by = 'orders' }: ReprovisionOptions) {
  return { requestedBy: by, ...(reason === undefined ? {} : { reason }) };
}

async function one(cli: Cli, orderId: OrderId, options: ReprovisionOptions): Promise<undefined> {
  const { operator } = await cli.temporal();
  const latest = await operator.latest(orderId);
  // A run of an order that nobody knows would end at once, and the typing error would go unnoticed.
  if (latest === undefined) await requireKnownOrder(cli, orderId);
  const { runId, began } = await operator.reprovision(orderId, requestOf(options));
  cli.report({ orderId, runId, began }, () => {
    const what = began ? 'a run was begun' : 'the waiting run was told';
    return `Order ${orderId}: ${what}. Follow it with \`orders watch ${orderId}\`.`;
  });
  return undefined;
}

/** Runs that wait for a person. Ended ones are over: their orders are re-provisioned by id. */
const WAITING = phaseQuery('AwaitingReprovision');

const NOT_NEEDED: Seen<Codes> = { is: 'not-asked', why: 'nobody looks at them' };

/** @throws CliFailure `CODES_UNKNOWN` where Salesforce did not say why the orders wait. */
function withCode(runs: readonly Run[], seen: Seen<Codes>, code: FailureCode): Run[] {
  if (runs.length === 0) return [];
  if (seen.is === 'known') return runs.filter((run) => codeOf(run, seen.value) === code);
  throw new CliFailure({
    code: 'CODES_UNKNOWN',
    message: `Why the orders wait is not known: ${seen.is === 'unreachable' ? seen.failure.message : seen.why}`,
    advice:
      (seen.is === 'unreachable' ? seen.failure.advice : null) ??
      'Set the SF_… variables; the codes are on the orders.',
  });
}

function parseCode(text: string): FailureCode {
  if (isFailureCode(text)) return text;
  throw new InvalidArgumentError('It is none of the codes in docs/failures.md.');
}

async function allFailed(cli: Cli, options: ReprovisionOptions): Promise<ExitCode> {
  const { operator } = await cli.temporal();
  const all: Run[] = [];
  for await (const run of operator.runs(WAITING)) all.push(run);
  const codes = options.yes === true && options.code === undefined ? NOT_NEEDED : await codesOf(cli, all);
  const waiting = options.code === undefined ? all : withCode(all, codes, options.code);
  if (waiting.length === 0) {
    const why = options.code === undefined ? '' : ` with ${options.code}`;
    cli.report({ reprovisioned: [], gone: [], failed: [] }, () => `No order waits for a person${why}.`);
    return EXIT.ok;
  }
  if (options.yes !== true) cli.note(runTable(waiting, cli.paint, known(codes)));
  await confirm({ yes: options.yes, question: `Re-provision ${waiting.length} orders?` });

  const reprovisioned: string[] = [];
  const gone: string[] = [];
  const failed: { orderId: string; error: ToldFailure }[] = [];
  const request = requestOf(options);
  for (const { orderId } of waiting) {
    try {
      ((await operator.reprovisionLiving(orderId, request)) ? reprovisioned : gone).push(orderId);
    } catch (error) {
      failed.push({ orderId, error: tell(error).told });
    }
  }
  cli.report({ reprovisioned, gone, failed }, () =>
    [
      `${reprovisioned.length} orders were told. Follow them with \`orders watch\`.`,
      ...(gone.length > 0 ? [`No longer waiting: ${gone.join(', ')}`] : []),
      ...failed.map(({ orderId, error }) => cli.paint('red', `${orderId}: ${error.message}`)),
    ].join('\n'),
  );
  return failed.length === 0 ? EXIT.ok : EXIT.failed;
}

export const reprovisionVerb: Verb = (invoke) => {
  const command = new Command('reprovision')
    .summary('provision an order again')
    .description(
      'Tells the order’s run to try again, or begins a run where none lives. The guards apply: an order that is provisioned stays as it is.',
    )
    .argument('[id]', 'the order’s id in Salesforce')
    .option('--all-failed', 'every order that waits for a person')
    .option(
      '--code <code>',
      'with --all-failed: only those that failed with this code, e.g. PRODUCT_NOT_LINKED',
      parseCode,
    )
    .option('--reason <text>', 'why, for the run’s history; no personal data')
    .option('--by <name>', 'who asks, for the run’s history')
    .option('-y, --yes', 'with --all-failed: do not ask')
    .action((id: string | undefined, options: ReprovisionOptions) =>
      invoke(command, (cli) => {
        if ((id === undefined) === (options.allFailed === undefined)) {
          throw new CliFailure({ code: 'USAGE', message: 'give an order id, or --all-failed', exitCode: EXIT.usage });
        }
        if (options.code !== undefined && options.allFailed === undefined) {
          throw new CliFailure({ code: 'USAGE', message: '--code goes with --all-failed', exitCode: EXIT.usage });
        }
        return id === undefined ? allFailed(cli, options) : one(cli, readOrderId(id), options);
      }),
    );
  return withExamples(command, [
    ['reprovision 801xx000003DHPxAAO --reason "client id corrected"', 'once the cause is mended'],
    ['reprovision --all-failed --code PRODUCT_NOT_LINKED --yes', 'after one cause for many was mended'],
    ['reprovision --all-failed --yes', 'after an outage, without asking'],
  ]);
};
