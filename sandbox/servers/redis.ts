import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildFailed, startChild, type Child } from './child';
import { findProgram } from './find-program';
import { freePort, PortInUse, requirePort } from './free-port';

export interface RedisOptions {
  /** A free one when absent or 0. */
  port?: number;
  /** Append-only file with fsync on every write; without it nothing is persisted. */
  appendonly?: boolean;
  /** Where Redis keeps its files. A temporary folder when absent, removed by stop(). */
  dir?: string;
  password?: string;
  /** More arguments for redis-server, such as `['--maxmemory', '2mb']`. */
  extra?: string[];
}

export interface RedisServer {
  /** `redis://…` with the password, if any. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** To pull the plug (SIGKILL) or to freeze (SIGSTOP, SIGCONT) it. */
  kill(signal: NodeJS.Signals): void;
  /** Resolves with how it ended, asked to or not. */
  readonly end: Promise<string>;
  stop(): Promise<void>;
}

const ATTEMPTS = 5;

/**
 * Starts a Redis of its own on the loopback interface.
 * @throws PortInUse, ProgramMissing, ChildFailed
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const program = await findProgram('redis-server');
  if (options.port) {
    await requirePort(options.port, 'Redis');
    return startOn(program, options.port, options);
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOn(program, await freePort(), options);
    } catch (error) {
      // Someone took the port between our look and Redis's bind.
      if (attempt < ATTEMPTS && error instanceof ChildFailed && error.output.includes('Address already in use'))
        continue;
      throw error;
    }
  }
}

async function startOn(program: string, port: number, options: RedisOptions): Promise<RedisServer> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'order-provisioning-redis-'));
  const removeFolder = (): void => {
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
  };
  // Also when this process exits without stop(): the folder is ours alone.
  if (options.dir === undefined) process.once('exit', removeFolder);
  const cleanUp = (): void => {
    process.off('exit', removeFolder);
    removeFolder();
  };

  let child: Child;
  try {
    child = await startChild({
      name: 'Redis',
      command: program,
      args: redisArguments(port, dir, options),
      ready: () => answersPing(port),
    });
  } catch (error) {
    cleanUp();
    if (options.port && error instanceof ChildFailed && error.output.includes('Address already in use')) {
      throw new PortInUse(port, 'Redis');
    }
    throw error;
  }
  const credentials = options.password === undefined ? '' : `:${encodeURIComponent(options.password)}@`;
  return {
    url: `redis://${credentials}127.0.0.1:${port}`,
    port,
    pid: child.pid,
    end: child.end,
    kill: (signal) => child.kill(signal),
    stop: async () => {
      await child.stop();
      cleanUp();
    },
  };
}

function redisArguments(port: number, dir: string, options: RedisOptions): string[] {
  const persistence =
    options.appendonly === true ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
  const password = options.password === undefined ? [] : ['--requirepass', options.password];
  const base = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--daemonize', 'no'];
  return [...base, ...persistence, ...password, ...(options.extra ?? [])];
}

/** Anything that speaks Redis on the port is taken for an answer, save that it is still loading its data. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(/^(\+PONG|-NOAUTH)/.test(answer.toString()));
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
