import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { CliFailure, EXIT } from './failure';

export interface Confirmation {
  /** `--yes`: asks nobody. */
  yes?: boolean | undefined;
  /** What is about to happen, as a question. */
  question: string;
}

/** Where a person is asked, and answers. */
export interface Dialogue {
  input: Readable & { isTTY?: boolean };
  output: Writable & { isTTY?: boolean };
}

/**
 * Asks on the terminal; anything but `y` or `yes` is no, and so are Ctrl-C, Ctrl-D and a terminal that goes away.
 * @throws CliFailure `CONFIRMATION_NEEDED` (exit code 2) where nobody can answer, and `DECLINED` where the answer is no.
 */
export async function confirm(
  { yes, question }: Confirmation,
  { input, output }: Dialogue = { input: process.stdin, output: process.stderr },
): Promise<void> {
  if (yes === true) return;
  if (input.isTTY !== true) {
    throw new CliFailure({
      code: 'CONFIRMATION_NEEDED',
      message: `${question} Nobody can be asked: stdin is no terminal`,
      advice: 'Give --yes to do it without asking.',
      exitCode: EXIT.usage,
    });
  }
  if (/^y(es)?$/i.test((await answer(`${question} [y/N] `, { input, output })).trim())) return;
  throw new CliFailure({ code: 'DECLINED', message: 'Nothing was done' });
}

/** What is typed; nothing where the dialogue ends without an answer, of which readline itself says no word to who waits. */
function answer(question: string, { input, output }: Dialogue): Promise<string> {
  const dialogue = createInterface({ input, output });
  return new Promise((resolve) => {
    let typed: string | undefined;
    dialogue.once('close', () => {
      // The cursor stands behind the question.
      if (typed === undefined) output.write('\n');
      resolve(typed ?? '');
    });
    dialogue.question(question, (text) => {
      typed = text;
      dialogue.close();
    });
  });
}
