import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { StepFailed } from './failures.mjs';

const PROGRESS_EVERY_MS = 10_000;
const KEPT_LINES = 300;

/** Says what the set-up does. On stderr, so that the output of the verb itself stays clean for programs. */
export function say(line) {
  process.stderr.write(`[setup] ${line}\n`);
}

/**
 * Runs one long command: its output is kept, not shown; a line of progress comes every 10 s.
 * @param {object} step
 * @param {string} step.what said at the start and in each line of progress, such as "building the Temporal CLI"
 * @param {string} step.command
 * @param {string[]} step.args
 * @param {number} step.limitSeconds the command is killed after this time
 * @param {Record<string, string | undefined>} [step.env] added to the environment
 * @param {string} [step.cwd]
 * @returns {Promise<string>} what it wrote (the last lines)
 * @throws {StepFailed} with the last lines it wrote
 */
export async function runStep({ what, command, args, limitSeconds, env = {}, cwd }) {
  const began = performance.now();
  const elapsed = () => `${Math.round((performance.now() - began) / 1000)} s`;
  const lines = [];
  say(`${what} …`);

  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      lines.push(...text.split(/[\r\n]+/).filter((line) => line.trim() !== ''));
      lines.splice(0, lines.length - KEPT_LINES);
    });
  }
  const progress = setInterval(
    () => say(`${what}: ${elapsed()}${lines.length ? ` (${shorten(lines.at(-1))})` : ''}`),
    PROGRESS_EVERY_MS,
  );
  let timedOut = false;
  const limit = setTimeout(() => {
    timedOut = true;
    kill(child);
  }, limitSeconds * 1000);
  const stopListening = onSignal((code) => {
    kill(child);
    process.exit(code);
  });

  try {
    await new Promise((resolve, reject) => {
      child.once('error', (error) =>
        reject(new StepFailed(error.code === 'ENOENT' ? `\`${command}\` is not on PATH` : error.message)),
      );
      child.once('close', (code, signal) => {
        if (code === 0) return resolve();
        const ending = timedOut
          ? `took longer than ${limitSeconds} s`
          : signal
            ? `was ended by ${signal}`
            : `ended with exit code ${code}`;
        reject(
          new StepFailed(
            `\`${[command, ...args]
              .map((word) => basename(word))
              .slice(0, 3)
              .join(' ')}\` ${ending}`,
            lines,
          ),
        );
      });
    });
  } finally {
    clearInterval(progress);
    clearTimeout(limit);
    stopListening();
  }
  say(`${what}: done in ${elapsed()}`);
  return lines.join('\n');
}

/** A person who presses Ctrl-C during a build means the build too. */
function onSignal(stop) {
  const handlers = [
    ['SIGINT', () => stop(130)],
    ['SIGTERM', () => stop(143)],
  ];
  for (const [signal, handler] of handlers) process.once(signal, handler);
  return () => handlers.forEach(([signal, handler]) => process.off(signal, handler));
}

/** The whole group: `go` and `mvn` start processes of their own. */
function kill(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

function shorten(line) {
  return line.length > 90 ? `${line.slice(0, 87)}…` : line;
}
