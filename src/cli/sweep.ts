import type { Sweep } from '../temporal/operator';
import type { Cli } from './cli';
import { CliFailure } from './failure';

const HINT_AFTER_MS = 3_000;

/**
 * Begins the sweep `key`, or joins the one that is under way, and waits for its end.
 * @throws CliFailure `SWEEP_FAILED`
 */
export async function sweep(cli: Cli, key: string, reason: string): Promise<Sweep> {
  const { workflows, operator, taskQueue } = await cli.temporal();
  await workflows.sweep(key, reason);
  // A sweep without a worker would wait in silence.
  const hint = setTimeout(() => {
    operator.pollers().then(
      (pollers) => {
        if (pollers === 0) cli.note(`No worker polls the task queue ${taskQueue}: the sweep waits for one.`);
      },
      () => undefined,
    );
  }, HINT_AFTER_MS);
  try {
    return await operator.sweepResult(key);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WorkflowFailedError') throw error;
    throw new CliFailure({
      code: 'SWEEP_FAILED',
      message: `The sweep did not come to its end: ${error.cause instanceof Error ? error.cause.message : error.message}`,
      advice: 'Run `orders doctor`; the sweep may be begun again at any time.',
      cause: error,
    });
  } finally {
    clearTimeout(hint);
  }
}

const count = (n: number, one: string, many: string): string => (n === 1 ? `1 ${one}` : `${n} ${many}`);

/** Which orders were left without a run, in words. A sweep names the first only, so none is counted. */
export const withoutRun = ({ notRequested }: Sweep): string =>
  `No run could be begun for ${notRequested.join(', ')}; the next sweep tries again`;

/** What a sweep did in WHMCS, and what it could not do there: a line each, and none where there was nothing. */
export function inWhmcs({ cancelled, failed }: Sweep): string[] {
  const lines: string[] = [];
  if (cancelled.length > 0) {
    const what = count(cancelled.length, 'WHMCS order was', 'WHMCS orders were');
    lines.push(`${what} cancelled, since nobody will accept it: ${cancelled.join(', ')}.`);
  }
  if (failed.length > 0) {
    const named = failed.map(({ whmcsOrderId, code }) =>
      whmcsOrderId === undefined ? code : `${whmcsOrderId} (${code})`,
    );
    lines.push(
      `What a late AddOrder left in WHMCS could not all be judged or cancelled: ${named.join(', ')}; the next sweep tries again.`,
    );
  }
  return lines;
}
