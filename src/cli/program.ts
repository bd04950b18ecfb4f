import { Command } from 'commander';
import { cancelVerb } from './commands/cancel';
import { checkpointVerb } from './commands/checkpoint';
import { completionVerb } from './commands/completion';
import { deadLettersVerb } from './commands/dead-letters';
import { doctorVerb } from './commands/doctor';
import { invalidateVerb } from './commands/invalidate';
import { listVerb } from './commands/list';
import { reconcileVerb } from './commands/reconcile';
import { reprovisionVerb } from './commands/reprovision';
import { statusVerb } from './commands/status';
import { watchVerb } from './commands/watch';
import type { Invoke, Verb } from './verb';

/** In the order in which the help shows them. */
const VERBS: readonly Verb[] = [
  statusVerb,
  listVerb,
  watchVerb,
  reprovisionVerb,
  cancelVerb,
  reconcileVerb,
  invalidateVerb,
  deadLettersVerb,
  checkpointVerb,
  doctorVerb,
];

const AFTER = `
Exit codes: 0 done, 1 failed, 2 used wrongly (arguments, or the environment).
The environment is that of the processes; see .env.example. A verb asks only for what it needs.`;

/** The command line. Each verb's action goes through `invoke`. */
export function createProgram(invoke: Invoke): Command {
  const program = new Command('orders')
    .description('Looks after orders on their way from Salesforce to WHMCS.')
    .option('--json', 'write one JSON document to stdout, also for an error')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'orders: ')) })
    .showSuggestionAfterError()
    .helpCommand('help [verb]', 'show the help of a verb')
    .addHelpText('after', AFTER);
  for (const verb of VERBS) program.addCommand(verb(invoke));
  program.addCommand(completionVerb(invoke, program));
  inherit(program);
  return program;
}

/** The settings of help and errors, for the verbs and those below them. */
function inherit(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inherit(child);
  }
}
