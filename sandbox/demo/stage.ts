import { startProcess, type ProcessName, type RunningProcess } from '../processes';
import { startSandbox, type Sandbox } from '../sandbox';

const NAMES: ProcessName[] = ['portal', 'worker', 'listener'];
const LAST_LINES = 20;

/**
 * All that the demo runs: the sandbox and the product's processes. What ends by itself is noticed at once, so that nobody waits for
 * the effects of something that is dead.
 */
export class Stage {
  /** What has ended although nobody asked it to, and how. */
  readonly fallen: string[] = [];
  readonly processes = new Map<ProcessName, RunningProcess>();
  private readonly down = new AbortController();
  private readonly stops: (() => Promise<void>)[] = [];

  /** Aborted once anything has {@link fallen}. */
  get isDown(): AbortSignal {
    return this.down.signal;
  }

  /** @throws what {@link startSandbox} throws */
  async openSandbox(redisUrl: string | undefined): Promise<Sandbox> {
    const sandbox = await startSandbox(redisUrl === undefined ? {} : { redisUrl });
    this.stops.push(() => sandbox.stop());
    this.watch('The Temporal dev server', sandbox.temporal.end);
    this.watch('Redis', sandbox.redis.end);
    return sandbox;
  }

  /** @returns the portal's address. @throws ChildFailed */
  async startProduct(env: Record<string, string>): Promise<string> {
    const start = async (name: ProcessName): Promise<RunningProcess> => {
      const started = await startProcess(name, env);
      this.stops.push(() => started.stop());
      this.processes.set(name, started);
      this.watch(`The ${name}`, started.child.end);
      return started;
    };
    const [portal] = await Promise.all(NAMES.map(start));
    return portal?.url ?? '';
  }

  /** The last lines of each process, for the one who asks why. */
  lastWords(): string {
    return [...this.processes.values()]
      .map(({ name, child }) => {
        const lines = child.output().split('\n').slice(-LAST_LINES);
        return [`The last lines of the ${name}:`, ...lines.map((line) => `  ${line}`)].join('\n');
      })
      .join('\n');
  }

  /** In the reverse order of the starts. May be called again. */
  async stop(): Promise<void> {
    for (let stop = this.stops.pop(); stop !== undefined; stop = this.stops.pop()) await stop();
  }

  private watch(name: string, end: Promise<string> | undefined): void {
    void end?.then((how) => {
      this.fallen.push(`${name} ${how}`);
      this.down.abort();
    });
  }
}
