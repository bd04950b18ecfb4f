import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A server run as a child process. It lives no longer than this process, however that ends: a watcher, which reads from a
 * pipe that only we hold open, kills it when the pipe closes. Child and watcher are in groups of their own, so that a
 * Ctrl-C in the terminal reaches us alone and the order of stopping is ours.
 */
export interface Child {
  readonly pid: number;
  /** The last lines it wrote, on either stream. */
  output(): string;
  /** How it ended, or undefined while it runs. */
  ended(): string | undefined;
  /** Resolves with how it ended, when it has. */
  readonly end: Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after `graceMs`. Resolves when the whole process group is gone; may be called again. */
  stop(graceMs?: number): Promise<void>;
}

export interface ChildOptions {
  /** For messages, such as "Redis". */
  name: string;
  command: string;
  args: string[];
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Whether it serves now. Asked again until true; a throw counts as "not yet". */
  ready: (output: string) => boolean | Promise<boolean>;
  /** Milliseconds until it must be ready. */
  readyWithin?: number;
  /** Called for every line it writes. */
  onLine?: (line: string) => void;
}

const KEPT_LINES = 200;
const READY_POLL_MS = 50;

/** It ended, or was not ready in time. `output` holds the last lines it wrote. */
export class ChildFailed extends Error {
  constructor(
    message: string,
    readonly output: string,
  ) {
    super(output === '' ? message : `${message}. It wrote:\n${output.split('\n').slice(-15).join('\n')}`);
    this.name = 'ChildFailed';
  }
}

/**
 * Starts a child process and waits until it serves.
 * @throws ChildFailed when it ends before that, or takes too long; it is then stopped
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const spawned = spawn(options.command, options.args, {
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let ending: string | undefined;
  const lines = captureLines(spawned, options.onLine);
  const end = new Promise<string>((resolve) => {
    spawned.once('error', (error) => {
      ending ??= `could not be started: ${error.message}`;
      if (spawned.pid === undefined) resolve(ending);
    });
    spawned.once('exit', (code, signal) => {
      ending ??= signal === null ? `ended with exit code ${String(code)}` : `was ended by ${signal}`;
      resolve(ending);
    });
  });
  const { pid } = spawned;
  if (pid === undefined) {
    throw new ChildFailed(`${options.name} ${await end}`, '');
  }
  const release = watch(pid);
  void end.then(release);

  const child: Child = {
    pid,
    output: () => lines.join('\n'),
    ended: () => ending,
    end,
    kill: (signal) => void signalGroup(pid, signal),
    stop: (graceMs = 10_000) => stopGroup(pid, end, graceMs),
  };
  try {
    await becomeReady(child, options);
  } catch (error) {
    await child.stop(1_000);
    throw error;
  }
  return child;
}

async function becomeReady(child: Child, { name, ready, readyWithin = 30_000 }: ChildOptions): Promise<void> {
  const deadline = performance.now() + readyWithin;
  let lastFault = '';
  for (;;) {
    const ending = child.ended();
    if (ending !== undefined) {
      // What it wrote last may still be in the pipe.
      await sleep(READY_POLL_MS);
      throw new ChildFailed(`${name} ${ending}`, child.output());
    }
    try {
      if (await ready(child.output())) return;
    } catch (error) {
      lastFault = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() > deadline) {
      const fault = lastFault === '' ? '' : ` (${lastFault})`;
      throw new ChildFailed(`${name} did not serve within ${readyWithin / 1000} s${fault}`, child.output());
    }
    await sleep(READY_POLL_MS);
  }
}

function captureLines(spawned: ChildProcess, onLine: ((line: string) => void) | undefined): string[] {
  const lines: string[] = [];
  for (const stream of [spawned.stdout, spawned.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) onLine?.(line);
      lines.push(...parts);
      lines.splice(0, lines.length - KEPT_LINES);
    });
  }
  return lines;
}

/** Kills the group when we are gone: our death, of any kind, closes the pipe. @returns a function that ends the watch */
function watch(pid: number): () => void {
  const script = 'read -r word && exit 0; kill -TERM -"$1"; sleep 3; kill -KILL -"$1"';
  const watcher = spawn('/bin/sh', ['-c', script, 'watch', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.unref();
  watcher.stdin.on('error', () => undefined);
  const atExit = (): void => void signalGroup(pid, 'SIGKILL');
  process.once('exit', atExit);
  return () => {
    process.off('exit', atExit);
    watcher.stdin.end('released\n');
  };
}

/** @returns whether there was anyone to signal */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function stopGroup(pid: number, end: Promise<unknown>, graceMs: number): Promise<void> {
  if (!signalGroup(pid, 'SIGTERM')) return;
  // A stopped (SIGSTOP) process receives SIGTERM only once it goes on.
  signalGroup(pid, 'SIGCONT');
  const grace = new AbortController();
  await Promise.race([end, sleep(graceMs, undefined, { signal: grace.signal }).catch(() => undefined)]);
  grace.abort();
  signalGroup(pid, 'SIGKILL');
  await end;
  while (signalGroup(pid, 0)) await sleep(10);
}
