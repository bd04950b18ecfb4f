import { Command } from 'commander';
import type { DeadLetter, DeadLetters } from '../../listener/dead-letters';
import type { Sweep } from '../../temporal/operator';
import type { Cli } from '../cli';
import { confirm } from '../confirm';
import { CliFailure } from '../failure';
import { late } from '../late';
import { instant, printable, table } from '../output';
import { inWhmcs, sweep, withoutRun } from '../sweep';
import { withExamples, type Verb } from '../verb';

const open = async (cli: Cli): Promise<DeadLetters> => late.listener().openDeadLetters((await cli.redis()).commands);

async function list(cli: Cli): Promise<undefined> {
  const deadLetters = await (await open(cli)).list();
  cli.report({ deadLetters }, () => {
    if (deadLetters.length === 0) return 'No dead letters.';
    const rows = deadLetters.map(({ id, topic, replayId, at, kept, reason }) =>
      [id, topic, replayId, instant(at), kept === 'whole' ? 'yes' : 'no', reason].map(printable),
    );
    return table(['ID', 'TOPIC', 'REPLAY ID', 'AT', 'PAYLOAD', 'REASON'], rows, cli.paint);
  });
  return undefined;
}

function unknown(id: string): CliFailure {
  return new CliFailure({
    code: 'UNKNOWN_DEAD_LETTER',
    message: `There is no dead letter ${printable(id)}`,
    advice: 'See `orders dead-letters list`.',
  });
}

/**
 * What the event could have asked for, whatever it was: a sweep finds each order that ought to be provisioned, and all caches are read anew.
 * @throws CliFailure `NOT_MADE_GOOD` where an order could not be requested: the letter stays
 */
async function makeGood(cli: Cli, { id }: DeadLetter): Promise<Sweep> {
  const swept = await sweep(cli, `dead-letter-${id}`, `dead letter ${id}`);
  await late.cache().withInvalidator(cli.environment, (caches) => caches.invalidateAll());
  if (swept.notRequested.length === 0) return swept;
  throw new CliFailure({
    code: 'NOT_MADE_GOOD',
    message: `Dead letter ${id} stays. ${withoutRun(swept)}`,
    advice: '`orders doctor` looks for the cause; then retry it again.',
  });
}

async function retry(cli: Cli, id: string, bySweep: boolean): Promise<undefined> {
  let swept: Sweep | undefined;
  const deadLetters = await open(cli);
  const existed = await deadLetters.retry(id, async (letter) => {
    if (bySweep) {
      swept = await makeGood(cli, letter);
      return;
    }
    const { workflows } = await cli.temporal();
    await late.listener().retryEvent({ environment: cli.environment, salesforce: cli.salesforce(), workflows }, letter);
  });
  if (!existed) throw unknown(id);
  cli.report({ id, retried: true, ...swept }, () => {
    if (swept === undefined) return `Dead letter ${id} was acted upon, and is gone.`;
    const { requested } = swept;
    const orders = requested === 1 ? '1 order was' : `${requested} orders were`;
    return [
      `Dead letter ${id} is made good: ${orders} requested by a sweep, and all caches are read anew.`,
      ...inWhmcs(swept),
    ].join('\n');
  });
  return undefined;
}

async function discard(cli: Cli, id: string, yes: true | undefined): Promise<undefined> {
  const deadLetters = await open(cli);
  const letter = await deadLetters.get(id);
  if (letter === undefined) throw unknown(id);
  await confirm({ yes, question: `Discard dead letter ${id} of ${letter.topic} (${printable(letter.reason)})?` });
  await deadLetters.discard(id);
  cli.report({ id, discarded: true }, () => `Dead letter ${id} is discarded.`);
  return undefined;
}

export const deadLettersVerb: Verb = (invoke) => {
  const command = new Command('dead-letters')
    .summary('events that could not be acted upon')
    .description(
      'Lists the events that the listener could not decode or act upon, and deals with them. Payloads are never shown: they hold what the record holds.',
    );
  const listed = new Command('list').description('Lists them, oldest first.');
  listed.action(() => invoke(listed, list));
  command.addCommand(listed, { isDefault: true });

  const retried = new Command('retry')
    .description(
      'Decodes the event anew and acts upon it under the configuration as it is now. One that still makes no sense stays where it is.',
    )
    .argument('<id>', 'as listed')
    .option('--sweep', 'instead: do what it could have asked for, a sweep and a flush of all caches, and discard it')
    .action((id: string, { sweep }: { sweep?: true }) => invoke(retried, (cli) => retry(cli, id, sweep === true)));
  command.addCommand(retried);

  const discarded = new Command('discard')
    .description('Discards it and does nothing else.')
    .argument('<id>', 'as listed')
    .option('-y, --yes', 'do not ask')
    .action((id: string, { yes }: { yes?: true }) => invoke(discarded, (cli) => discard(cli, id, yes)));
  command.addCommand(discarded);

  return withExamples(command, [
    ['dead-letters', 'what there is'],
    ['dead-letters retry 3f9a0c61d2b7', 'once the cause is mended'],
    ['dead-letters retry 3f9a0c61d2b7 --sweep', 'where the event itself is beyond repair'],
  ]);
};
