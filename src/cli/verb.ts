import type { Command } from 'commander';
import type { Cli } from './cli';
import type { ExitCode } from './failure';

/** Runs the body of a verb with what it needs. The body answers with an exit code; nothing is 0. */
export type Invoke = (command: Command, body: (cli: Cli) => Promise<ExitCode | undefined>) => Promise<void>;

/** A verb: its definition (from which help, reference and completion are made) and its action. */
export type Verb = (invoke: Invoke) => Command;

/** A line after `orders`, what it is for, and a command of the shell that it needs first. */
export type Example = readonly [line: string, purpose: string, first?: string];

/** Examples below a verb's help. */
export function withExamples(command: Command, examples: readonly Example[]): Command {
  EXAMPLES.set(command, examples);
  const lines = examples.map(
    ([line, purpose, first]) => `${first === undefined ? '' : `  $ ${first}\n`}  $ orders ${line}\n      ${purpose}`,
  );
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

const EXAMPLES = new WeakMap<Command, readonly Example[]>();

/** The examples of a verb, for the reference. */
export function examplesOf(command: Command): readonly Example[] {
  return EXAMPLES.get(command) ?? [];
}
