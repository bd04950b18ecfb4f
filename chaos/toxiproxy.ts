import { startChild, type Child } from '../sandbox/servers/child';
import { findProgram } from '../sandbox/servers/find-program';
import { freePort } from '../sandbox/servers/free-port';

/** One link of the product with a server, which can be cut, stalled and slowed (Toxiproxy's README, "HTTP API" and "Toxics"). */
export interface Link {
  /** `127.0.0.1:port`, where the product connects. */
  readonly address: string;
  /** Ends all connections and refuses new ones. */
  cut(): Promise<void>;
  /** Connections stay open, and nothing comes through any more. */
  stall(): Promise<void>;
  /** Every answer comes `ms` later. */
  slow(ms: number): Promise<void>;
  heal(): Promise<void>;
}

const TIME_LIMIT_MS = 20_000;

/** A toxiproxy-server of our own, with proxies on free ports. */
export class Toxiproxy {
  private constructor(
    private readonly child: Child,
    private readonly api: string,
  ) {}

  /** @throws ProgramMissing, ChildFailed */
  static async start(): Promise<Toxiproxy> {
    const program = await findProgram('toxiproxy');
    const port = await freePort();
    const api = `http://127.0.0.1:${port}`;
    const child = await startChild({
      name: 'Toxiproxy',
      command: program,
      args: ['-host', '127.0.0.1', '-port', String(port)],
      env: { LOG_LEVEL: 'error' },
      ready: async () => (await fetch(`${api}/version`, { signal: AbortSignal.timeout(TIME_LIMIT_MS) })).ok,
    });
    return new Toxiproxy(child, api);
  }

  /** @param upstream `host:port` of the server */
  async link(name: string, upstream: string): Promise<Link> {
    const proxy = await this.call('POST', '/proxies', { name, listen: '127.0.0.1:0', upstream, enabled: true });
    const path = `/proxies/${name}`;
    const toxic = (body: object): Promise<unknown> => this.call('POST', `${path}/toxics`, body);
    const { listen } = proxy as { listen: string };
    return {
      address: listen,
      // Its port was chosen by the system: it is named again, or the proxy would come back with another.
      cut: async () => {
        await this.call('POST', path, { listen, upstream, enabled: false });
      },
      stall: async () => {
        for (const stream of ['upstream', 'downstream']) {
          await toxic({ name: `stall-${stream}`, type: 'timeout', stream, attributes: { timeout: 0 } });
        }
      },
      slow: async (latency) => {
        await toxic({ name: 'slow', type: 'latency', stream: 'downstream', attributes: { latency } });
      },
      // Toxiproxy 2.12 can block for ever in taking a toxic away while a connection is being closed: the proxy goes, and its like comes.
      heal: async () => {
        await this.call('DELETE', path);
        await this.call('POST', '/proxies', { name, listen, upstream, enabled: true });
      },
    };
  }

  stop(): Promise<void> {
    return this.child.stop();
  }

  private async call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.api}${path}`, {
      method,
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Toxiproxy refused ${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}
