import { CommanderError, type Command } from 'commander';
import { Cli } from './cli';
import { EXIT, tell, type ExitCode, type ToldFailure } from './failure';
import { painter, printable } from './output';
import { createProgram } from './program';
import type { Invoke } from './verb';

/** The entry of `orders`: parses, runs one verb, tells what went wrong on one line, and ends with the exit code. */
async function main(argv: readonly string[]): Promise<ExitCode> {
  const json = argv.includes('--json');
  let code: ExitCode = EXIT.ok;
  const invoke: Invoke = async (_command, body) => {
    const cli = new Cli(process.env, json, process.stdout, process.stderr);
    try {
      code = (await body(cli)) ?? EXIT.ok;
    } finally {
      // What was asked is answered; a connection that does not close well changes nothing of it.
      await cli.resources.release().catch(() => undefined);
    }
  };
  try {
    await prepared(createProgram(invoke), json).parseAsync(argv.slice(2), { from: 'user' });
  } catch (error) {
    return failed(error, json);
  }
  return code;
}

/** Commander throws instead of ending the process, and with `--json` leaves the telling to us. */
function prepared(command: Command, json: boolean): Command {
  command.exitOverride();
  if (json) command.configureOutput({ outputError: () => undefined });
  for (const child of command.commands) prepared(child, json);
  return command;
}

function failed(error: unknown, json: boolean): ExitCode {
  if (error instanceof CommanderError) {
    // Help and version end this way too, with 0. Help that nobody asked for stands in for a missing verb.
    if (error.exitCode === 0) return EXIT.ok;
    if (json) tellJson(misuse(error));
    return EXIT.usage;
  }
  const { told, exitCode } = tell(error);
  if (json) tellJson(told);
  const paint = painter(process.stderr, process.env);
  const message = told.message.split('\n').map(printable).join('\n');
  const advice = told.advice === null ? '' : `. ${printable(told.advice)}`;
  process.stderr.write(`${paint('red', 'orders:')} ${message.replace(/\.$/, '')}${advice}\n`);
  if (process.env['LOG_LEVEL'] === 'debug' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return exitCode;
}

/** Of help that stands in for a missing verb Commander says no more than its own word for it. */
function misuse({ code, message }: CommanderError): ToldFailure {
  if (code !== 'commander.help') return { code: 'USAGE', message: message.replace(/^error: /, ''), advice: null };
  return { code: 'USAGE', message: 'No verb is given', advice: '`orders help` lists them.' };
}

function tellJson(error: ToldFailure): void {
  process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
}

// `orders list | head` closes the pipe: that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
});

void main(process.argv).then((code) => {
  // Written out first: a pipe may still be taking what was written.
  process.stdout.write('', () => process.exit(code));
});
