import { Command } from 'commander';
import type { Cli } from '../cli';
import { CliFailure, EXIT } from '../failure';
import { late } from '../late';
import { readOrderId } from '../order-id';
import { withExamples, type Verb } from '../verb';

interface InvalidateOptions {
  catalog?: true;
  all?: true;
}

/** What is to be read anew, and how it is told. */
interface Target {
  document: { orderId: string } | { catalog: true } | { all: true };
  text: string;
  invalidate: Parameters<ReturnType<typeof late.cache>['withInvalidator']>[1];
}

function targetOf(id: string | undefined, { catalog, all }: InvalidateOptions): Target {
  if ([id, catalog, all].filter((given) => given !== undefined).length !== 1) {
    const message = 'give an order id, or --catalog, or --all';
    throw new CliFailure({ code: 'USAGE', message, exitCode: EXIT.usage });
  }
  if (all === true) {
    const text = 'Every order, list and catalog is read anew.';
    return { document: { all }, text, invalidate: (caches) => caches.invalidateAll() };
  }
  if (catalog === true) {
    const text = 'The catalog is read anew.';
    return { document: { catalog }, text, invalidate: (caches) => caches.invalidateCatalog() };
  }
  const orderId = readOrderId(id ?? '');
  const text = `Order ${orderId} is read anew, and the lists that were known to hold it.`;
  return { document: { orderId }, text, invalidate: (caches) => caches.invalidateOrder(orderId) };
}

async function invalidate(cli: Cli, target: Target): Promise<undefined> {
  await late.cache().withInvalidator(cli.environment, target.invalidate);
  cli.report({ ...target.document, invalidated: true }, () => target.text);
  return undefined;
}

export const invalidateVerb: Verb = (invoke) => {
  const command = new Command('invalidate')
    .summary('let cached views be read anew')
    .description(
      'Removes what the caches hold, so that the next reader gets what Salesforce says. Harmless: it costs reads of Salesforce, and fills that are under way are refused.',
    )
    .argument('[id]', 'the order’s id in Salesforce')
    .option('--catalog', 'the catalog')
    .option('--all', 'orders, lists of accounts, and the catalog')
    .action((id: string | undefined, options: InvalidateOptions) =>
      invoke(command, (cli) => invalidate(cli, targetOf(id, options))),
    );
  return withExamples(command, [
    ['invalidate 801xx000003DHPxAAO', 'one order, and the lists that hold it'],
    ['invalidate --catalog', 'after another price book was activated'],
    ['invalidate --all', 'after a failover or a restore of Redis'],
  ]);
};
