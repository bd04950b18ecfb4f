import { fork, type ChildProcess, type Serializable } from 'node:child_process';

type Reply = { answer: unknown } | { error: string };
const READY = 'ready';

/** A process of the bench, for what needs one of its own: it answers requests over IPC, one at a time, and lives no longer than this one. */
export class Forked<Request extends Serializable, Answer> {
  private constructor(
    private readonly file: string,
    private readonly child: ChildProcess,
  ) {}

  /** @throws Error when it ends before it is ready */
  static async start<Request extends Serializable, Answer>(
    file: string,
    args: readonly string[] = [],
  ): Promise<Forked<Request, Answer>> {
    // The client of the Pub/Sub API names a server by its address, which Node warns of.
    const child = fork(file, args, { execArgv: ['--disable-warning=DEP0123', '--require', 'tsx/cjs'] });
    const forked = new Forked<Request, Answer>(file, child);
    await forked.nextMessage();
    return forked;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** @throws Error with what went wrong there, or when it ends before it answers */
  async ask(request: Request): Promise<Answer> {
    const reply = this.nextMessage();
    this.child.send(request);
    const message = (await reply) as Reply;
    if ('error' in message) throw new Error(message.error);
    return message.answer as Answer;
  }

  /** SIGKILL: whatever it was about to do, it does not do. Resolves when it is gone; may be called again. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }

  private nextMessage(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ended = (): void => {
        reject(new Error(`The process of ${this.file} ended`));
      };
      this.child.once('exit', ended);
      this.child.once('message', (message) => {
        this.child.off('exit', ended);
        resolve(message);
      });
    });
  }
}

/** In such a process: answers each request by what `handle` gives for it. */
export function answerRequests(handle: (request: never) => Promise<Serializable>): void {
  // Where whoever asks is gone, nobody needs this process any more.
  const tell = (message: Reply | typeof READY): void => {
    process.send?.(message, undefined, {}, (error) => {
      if (error !== null) process.exit();
    });
  };
  process.on('disconnect', () => process.exit());
  process.on('message', (request) => {
    handle(request as never).then(
      (answer) => tell({ answer }),
      (error: unknown) => tell({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  tell(READY);
}
