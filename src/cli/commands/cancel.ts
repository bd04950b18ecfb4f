import { Command } from 'commander';
import type { OrderId } from '../../domain/order';
import type { RunStory } from '../../temporal/operator';
import type { Cli } from '../cli';
import { CliFailure, EXIT, type ExitCode } from '../failure';
import { readOrderId } from '../order-id';
import { withExamples, type Verb } from '../verb';
import { untilAtRest } from '../story/at-rest';

/** A compensation waits out the quiet period of WHMCS; that is longer than a person waits for this. */
const PATIENCE_MS = 15_000;

async function cancel(cli: Cli, orderId: OrderId, reason: string | undefined): Promise<ExitCode> {
  const { operator } = await cli.temporal();
  if (!(await operator.cancel(orderId, reason === undefined ? {} : { reason }))) {
    const latest = await operator.latest(orderId);
    throw new CliFailure({
      code: 'NO_LIVING_RUN',
      message: `Order ${orderId} has no living run${latest === undefined ? '' : `; its last one ended ${latest.phase ?? latest.state}`}`,
      advice: `There is nothing to cancel. See \`orders status ${orderId}\`.`,
    });
  }
  const story = await untilAtRest(operator, orderId, {
    until: Date.now() + PATIENCE_MS,
    isOver: (seen) => seen.state !== 'running',
  });
  const phase = story?.progress?.phase ?? story?.phase ?? null;
  const isOver = story !== undefined && story.state !== 'running';
  cli.report({ orderId, cancelled: phase === 'Cancelled', over: isOver, phase }, () => said(orderId, story));
  return isOver && phase !== 'Cancelled' ? EXIT.failed : EXIT.ok;
}

function said(orderId: OrderId, story: RunStory | undefined): string {
  const phase = story?.progress?.phase ?? story?.phase;
  if (story === undefined || story.state === 'running') {
    return `Order ${orderId}: the run was told and is not done yet. Follow it with \`orders watch ${orderId}\`.`;
  }
  if (phase === 'Cancelled') return `Order ${orderId}: cancelled. Nothing is left pending in WHMCS.`;
  const note = story.progress?.history.at(-1)?.note;
  return `Order ${orderId}: not cancelled; the run ended ${phase ?? story.state}${note === undefined ? '' : ` (${note})`}.`;
}

export const cancelVerb: Verb = (invoke) => {
  const command = new Command('cancel')
    .summary('give up provisioning an order')
    .description(
      'Tells the order’s run to stop. What is pending in WHMCS is cancelled there; an order that WHMCS has accepted is finished instead.',
    )
    .argument('<id>', 'the order’s id in Salesforce')
    .option('--reason <text>', 'why, for the run’s history; no personal data')
    .action((id: string, { reason }: { reason?: string }) =>
      invoke(command, (cli) => cancel(cli, readOrderId(id), reason)),
    );
  return withExamples(command, [['cancel 801xx000003DHPxAAO --reason "ordered twice"', 'the run ends as Cancelled']]);
};
