import { Command } from 'commander';
import type { OrderId } from '../../domain/order';
import type { Cli } from '../cli';
import { EXIT, type ExitCode } from '../failure';
import { readOrderId } from '../order-id';
import { storyDocument } from '../story/document';
import { gather } from '../story/gather';
import { unknownOrder } from '../story/known-order';
import { nextStep } from '../story/next-step';
import { renderStory } from '../story/render';
import { withExamples, type Verb } from '../verb';

async function status(cli: Cli, orderId: OrderId): Promise<ExitCode> {
  const facts = await gather(cli, orderId);
  const { salesforce, temporal, whmcs, cache } = facts;
  const isNowhere =
    salesforce.is === 'known' && salesforce.value === null && temporal.is === 'known' && temporal.value === null;
  if (isNowhere) throw unknownOrder(orderId);
  const step = nextStep(facts);
  cli.report(storyDocument(facts, step), () => renderStory(facts, step, cli.paint, Date.now()));
  return [salesforce, temporal, whmcs, cache].some(({ is }) => is === 'unreachable') ? EXIT.failed : EXIT.ok;
}

export const statusVerb: Verb = (invoke) => {
  const command = new Command('status')
    .summary('the whole story of one order')
    .description(
      'Shows what Salesforce, Temporal, WHMCS and the cache say of an order, and what to do next. Changes nothing. The exit code is 1 where the order is unknown or a system did not answer. A system none of whose variables is set is left out.',
    )
    .argument('<id>', 'the order’s id in Salesforce: 15 or 18 characters, or the record’s address')
    .action((id: string) => invoke(command, (cli) => status(cli, readOrderId(id))));
  return withExamples(command, [
    ['status 801xx000003DHPxAAO', 'where it is, and what to do'],
    ['status 801xx000003DHPxAAO --json', 'the same for a program; see nextStep.need'],
  ]);
};
