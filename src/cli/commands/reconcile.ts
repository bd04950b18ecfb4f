import { Command } from 'commander';
import type { Cli } from '../cli';
import { EXIT, type ExitCode } from '../failure';
import { inWhmcs, sweep, withoutRun } from '../sweep';
import { withExamples, type Verb } from '../verb';

/** Begun by whoever calls first; who calls meanwhile waits for the same sweep. */
const KEY = 'by-hand';

async function reconcile(cli: Cli): Promise<ExitCode> {
  const swept = await sweep(cli, KEY, 'orders reconcile');
  const { requested, notRequested } = swept;
  const left = notRequested.length > 0;
  cli.report(swept, () => {
    const lines: string[] = [];
    if (requested > 0)
      lines.push(
        `${requested} ${requested === 1 ? 'order was' : 'orders were'} requested. Follow them with \`orders watch\`.`,
      );
    if (left) lines.push(`${withoutRun(swept)}. \`orders doctor\` looks for the cause.`);
    if (lines.length === 0) lines.push('Nothing to do: every order that ought to be provisioned is, or is on its way.');
    return [...lines, ...inWhmcs(swept)].join('\n');
  });
  return left ? EXIT.failed : EXIT.ok;
}

export const reconcileVerb: Verb = (invoke) => {
  const command = new Command('reconcile')
    .summary('look for approved orders that no event told of')
    .description(
      'Begins a sweep now, as the schedule does: every order that ought to be provisioned and is not is requested. Waits for its end, and exits with 1 where an order could not be requested.',
    )
    .action(() => invoke(command, reconcile));
  return withExamples(command, [['reconcile', 'after the listener was away for longer than 72 hours']]);
};
