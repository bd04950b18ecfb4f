import { createInterface } from 'node:readline/promises';
import { CliFailure, EXIT } from './failure';

export interface Confirmation {
  /** `--yes`: asks nobody. */
  yes?: boolean | undefined;
  /** What is about to happen, as a question. */
  question: string;
}

/**
 * Asks on the terminal; anything but `y` or `yes` is no.
 * @throws CliFailure `CONFIRMATION_NEEDED` (exit code 2) where nobody can answer, and `DECLINED` where the answer is no.
 */
export async function confirm({ yes, question }: Confirmation): Promise<void> {
  if (yes === true) return;
  if (!process.stdin.isTTY) {
    throw new CliFailure({
      code: 'CONFIRMATION_NEEDED',
      message: `${question} Nobody can be asked: stdin is no terminal`,
      advice: 'Give --yes to do it without asking.',
      exitCode: EXIT.usage,
    });
  }
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await dialogue.question(`${question} [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    dialogue.close();
  }
  throw new CliFailure({ code: 'DECLINED', message: 'Nothing was done' });
}
