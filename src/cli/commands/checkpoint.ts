import { Command } from 'commander';
import type { Checkpoint, Checkpoints } from '../../listener/checkpoint';
import type { Cli } from '../cli';
import { confirm } from '../confirm';
import { CliFailure, EXIT } from '../failure';
import { late } from '../late';
import { age, printable, table } from '../output';
import { managedSubscription, topicNames } from '../topic-names';
import { withExamples, type Verb } from '../verb';

interface Opened {
  checkpoints: Checkpoints;
  organizationId: string;
}

/** Checkpoints belong to an org: which one, its login says. */
async function open(cli: Cli): Promise<Opened> {
  const { organizationId } = await cli.salesforce().probe.connection();
  const { commands } = await cli.redis();
  return { checkpoints: late.listener().openCheckpoints(commands, organizationId), organizationId };
}

/** The topics that the environment names. */
const configuredTopics = (cli: Cli): string[] => topicNames(cli.config.pubsub(cli.environment).channels);

function document({ topic, replayId, savedAt, leader, mode, token }: Checkpoint) {
  return {
    topic,
    replayId: replayId ?? null,
    savedAt: savedAt === undefined ? null : new Date(savedAt).toISOString(),
    leader: leader ?? null,
    mode: mode ?? null,
    token,
  };
}

async function show(cli: Cli): Promise<undefined> {
  const { checkpoints, organizationId } = await open(cli);
  const kept = await checkpoints.show();
  const missing = configuredTopics(cli).filter((topic) => !kept.some((checkpoint) => checkpoint.topic === topic));
  const all = [...kept, ...(await Promise.all(missing.map((topic) => checkpoints.get(topic))))];
  cli.report({ organizationId, checkpoints: all.map(document) }, () => {
    const rows = all.map(({ topic, replayId, savedAt, leader }) => [
      topic,
      printable(replayId ?? 'none'),
      savedAt === undefined ? '-' : `${age(Date.now() - savedAt)} ago`,
      printable(leader ?? 'nobody'),
    ]);
    const none = all.some(({ replayId }) => replayId === undefined);
    const hint = none
      ? '\nA topic that has none begins as SF_REPLAY_FROM says; one that was listened to before, at the earliest event.'
      : '';
    return `${table(['TOPIC', 'REPLAY ID', 'SAVED', 'LISTENER'], rows, cli.paint)}${hint}`;
  });
  return undefined;
}

interface SetOptions {
  yes?: true;
  force?: true;
}

async function set(cli: Cli, topic: string, replayId: string, { yes, force }: SetOptions): Promise<undefined> {
  if (late.listener().replayIdOrUndefined(replayId) === undefined) {
    throw new CliFailure({
      code: 'INVALID_REPLAY_ID',
      message: `"${printable(replayId.slice(0, 24))}" is not a replay id, which is a number`,
      advice: '`orders checkpoint show` and the listener’s log lines hold replay ids.',
      exitCode: EXIT.usage,
    });
  }
  const { checkpoints, organizationId } = await open(cli);
  const kept = (await checkpoints.show()).map((checkpoint) => checkpoint.topic);
  const known = [...new Set([...configuredTopics(cli), ...kept])];
  if (!known.includes(topic)) {
    throw new CliFailure({
      code: 'UNKNOWN_TOPIC',
      message: `Nothing listens to ${printable(topic.slice(0, 80))}`,
      advice: `Topics: ${known.join(', ')}.`,
      exitCode: EXIT.usage,
    });
  }
  const { replayId: before } = await checkpoints.get(topic);
  const skips = [before, replayId].every((id) => /^\d+$/.test(id ?? '')) && BigInt(replayId) > BigInt(before ?? 0);
  const managed = managedSubscription(cli.config.pubsub(cli.environment), topic);
  if (managed !== undefined && yes !== true) cli.note(`orders: ${ofSalesforce(topic, managed)}`);
  const warning = skips ? ' Events between the two are passed over.' : ' Later events come again, which is harmless.';
  const about = managed === undefined ? warning : ' It will not go on from there.';
  const question = `Let ${topic} of org ${organizationId} go on after ${replayId} (now ${before ?? 'none'})?${about}`;
  await confirm({ yes, question });
  try {
    await checkpoints.set(topic, replayId, { force: force === true });
  } catch (error) {
    throw late.listener().checkpointFailure(error);
  }
  cli.report({ organizationId, topic, replayId, before: before ?? null, managedSubscription: managed ?? null }, () => {
    if (managed !== undefined) return `Set. ${ofSalesforce(topic, managed)}.`;
    const sweep = skips ? ' Run `orders reconcile`: it finds orders whose events were passed over.' : '';
    return `${topic} goes on after ${replayId}.${sweep}`;
  });
  return undefined;
}

const ofSalesforce = (topic: string, managed: string): string =>
  `${topic} is listened to by the managed subscription ${printable(managed)}, whose place Salesforce keeps: a checkpoint set here ` +
  'moves nothing; the next start sweeps instead (docs/listener.md, Managed subscriptions)';

export const checkpointVerb: Verb = (invoke) => {
  const command = new Command('checkpoint')
    .summary('where the listener resumes')
    .description('Shows or sets the replay id after which each topic goes on.');
  const shown = new Command('show').description('Shows the checkpoint of each topic, and which listener is at work.');
  shown.action(() => invoke(shown, show));
  command.addCommand(shown, { isDefault: true });

  const setting = new Command('set')
    .description('Lets a topic go on after this replay id. Stop the listeners first.')
    .argument('<topic>', 'e.g. /data/OrderChangeEvent')
    .argument('<replay-id>', 'a number')
    .option('-y, --yes', 'do not ask')
    .option('--force', 'also while a listener is at work: it starts again from here')
    .action((topic: string, replayId: string, options: SetOptions) =>
      invoke(setting, (cli) => set(cli, topic, replayId, options)),
    );
  command.addCommand(setting);

  return withExamples(command, [
    ['checkpoint', 'where each topic stands'],
    ['checkpoint set /data/OrderChangeEvent 4711', 'go back and read again'],
  ]);
};
