import type { Command } from 'commander';
import type { Cli } from './cli';
import type { ExitCode } from './failure';

/** Runs the body of a verb with what it needs. The body answers with an exit code; nothing is 0. */
export type Invoke = (command: Command, body: (cli: Cli) => Promise<ExitCode | undefined>) => Promise<void>;

/** A verb: its definition (from which help, reference and completion are made) and its action. */
export type Verb = (invoke: Invoke) => Command;

/** Examples below a verb's help, each with what it is for. */
export function withExamples(command: Command, examples: readonly (readonly [string, string])[]): Command {
  EXAMPLES.set(command, examples);
  const lines = examples.map(([line, purpose]) => `  $ orders ${line}\n      ${purpose}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

const EXAMPLES = new WeakMap<Command, readonly (readonly [string, string])[]>();

/** The examples of a verb, for the reference. */
export function examplesOf(command: Command): readonly (readonly [string, string])[] {
  return EXAMPLES.get(command) ?? [];
}
