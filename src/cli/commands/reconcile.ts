import { Command } from 'commander';
import type { Cli } from '../cli';
import { CliFailure } from '../failure';
import { withExamples, type Verb } from '../verb';

/** Begun by whoever calls first; who calls meanwhile waits for the same sweep. */
const KEY = 'by-hand';
const HINT_AFTER_MS = 3_000;

async function reconcile(cli: Cli): Promise<undefined> {
  const { workflows, operator, taskQueue } = await cli.temporal();
  await workflows.sweep(KEY, 'orders reconcile');
  // A sweep without a worker would wait in silence.
  const hint = setTimeout(() => {
    operator.pollers().then(
      (pollers) => {
        if (pollers === 0) cli.note(`No worker polls the task queue ${taskQueue}: the sweep waits for one.`);
      },
      () => undefined,
    );
  }, HINT_AFTER_MS);
  try {
    const { requested, notRequested } = await operator.sweepResult(KEY);
    if (notRequested.length > 0) {
      cli.note(`No run could be begun for ${notRequested.join(', ')}: the next sweep tries again.`);
    }
    cli.report({ requested, notRequested }, () =>
      requested === 0
        ? 'Nothing to do: every order that ought to be provisioned is, or is on its way.'
        : `${requested} ${requested === 1 ? 'order was' : 'orders were'} requested. Follow them with \`orders watch\`.`,
    );
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WorkflowFailedError') throw error;
    throw new CliFailure({
      code: 'SWEEP_FAILED',
      message: `The sweep did not come to its end: ${error.cause instanceof Error ? error.cause.message : error.message}`,
      advice: 'Run `orders doctor`; the sweep may be begun again at any time.',
      cause: error,
    });
  } finally {
    clearTimeout(hint);
  }
  return undefined;
}

export const reconcileVerb: Verb = (invoke) => {
  const command = new Command('reconcile')
    .summary('look for approved orders that no event told of')
    .description(
      'Begins a sweep now, as the schedule does: every order that ought to be provisioned and is not is requested. Waits for its count.',
    )
    .action(() => invoke(command, reconcile));
  return withExamples(command, [['reconcile', 'after the listener was away for longer than 72 hours']]);
};
