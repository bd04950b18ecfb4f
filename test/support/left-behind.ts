import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Set for a jest run; every process that a test starts inherits it, whoever started it and whatever became of its parent. */
export const RUN_VARIABLE = 'ORDER_PROVISIONING_TEST_RUN';

const GRACE_MS = 5_000;

export interface LeftBehind {
  pid: number;
  command: string;
}

/**
 * The processes of a run that are still there some seconds after it ended. Found by their environment, which only Linux
 * shows: elsewhere the answer is always "none".
 */
export async function leftBehind(run: string): Promise<LeftBehind[]> {
  const deadline = performance.now() + GRACE_MS;
  for (;;) {
    const found = processesOf(run);
    if (found.length === 0 || performance.now() > deadline) return found;
    await sleep(100);
  }
}

function processesOf(run: string): LeftBehind[] {
  return numericEntries('/proc').flatMap((pid) => {
    if (pid === process.pid) return [];
    const environment = read(`/proc/${pid}/environ`);
    if (!environment.split('\0').includes(`${RUN_VARIABLE}=${run}`)) return [];
    const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
    // Jest's own workers end by themselves, after the global teardown. A zombie has no command line.
    return command === '' || command.includes('jest-worker') ? [] : [{ pid, command: command.slice(0, 200) }];
  });
}

function numericEntries(folder: string): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It ended while we looked, or is another user's.
    return '';
  }
}
