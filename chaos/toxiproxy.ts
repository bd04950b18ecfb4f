import { startChild, type Child } from '../sandbox/servers/child';
import { findProgram } from '../sandbox/servers/find-program';
import { freePort, lastingPort } from '../sandbox/servers/free-port';

/** One link of the product with a server, which can be cut, stalled and slowed (Toxiproxy's README, "HTTP API" and "Toxics"). */
export interface Link {
  /** `127.0.0.1:port`, where the product connects. */
  readonly address: string;
  /** Connections of the product through it: those that are open, and all that were ever accepted. */
  readonly use: Readonly<LinkUse>;
  /** Whether it was cut, stalled or slowed at any time since then (monotonic ms). */
  wasSpoilt(since: number): boolean;
  /** Ends all connections and refuses new ones. */
  cut(): Promise<void>;
  /** Connections stay open, and nothing comes through any more. */
  stall(): Promise<void>;
  /** Every answer comes `ms` later. */
  slow(ms: number): Promise<void>;
  heal(): Promise<void>;
}

export interface LinkUse {
  open: number;
  accepted: number;
}

const TIME_LIMIT_MS = 20_000;

/** A toxiproxy-server of our own, with proxies on free ports. */
export class Toxiproxy {
  private constructor(
    private readonly child: Child,
    private readonly api: string,
    private readonly uses: Map<string, LinkUse>,
  ) {}

  /** @throws ProgramMissing, ChildFailed */
  static async start(): Promise<Toxiproxy> {
    const program = await findProgram('toxiproxy');
    const port = await freePort();
    const api = `http://127.0.0.1:${port}`;
    const uses = new Map<string, LinkUse>();
    const child = await startChild({
      name: 'Toxiproxy',
      command: program,
      args: ['-host', '127.0.0.1', '-port', String(port)],
      // Only its log tells who is connected.
      env: { LOG_LEVEL: 'trace' },
      onLine: (line) => count(line, uses),
      ready: async () => (await fetch(`${api}/version`, { signal: AbortSignal.timeout(TIME_LIMIT_MS) })).ok,
    });
    return new Toxiproxy(child, api, uses);
  }

  /** @param upstream `host:port` of the server */
  async link(name: string, upstream: string): Promise<Link> {
    const listen = `127.0.0.1:${await lastingPort()}`;
    await this.call('POST', '/proxies', { name, listen, upstream, enabled: true });
    const path = `/proxies/${name}`;
    const toxic = (body: object): Promise<unknown> => this.call('POST', `${path}/toxics`, body);
    const use = { open: 0, accepted: 0 };
    this.uses.set(name, use);
    let wellSince = Number.NEGATIVE_INFINITY;
    const spoil = (): void => {
      wellSince = Number.POSITIVE_INFINITY;
    };
    return {
      address: listen,
      use,
      wasSpoilt: (since) => wellSince > since,
      cut: async () => {
        spoil();
        await this.call('POST', path, { listen, upstream, enabled: false });
      },
      stall: async () => {
        spoil();
        for (const stream of ['upstream', 'downstream']) {
          await toxic({ name: `stall-${stream}`, type: 'timeout', stream, attributes: { timeout: 0 } });
        }
      },
      slow: async (latency) => {
        spoil();
        await toxic({ name: 'slow', type: 'latency', stream: 'downstream', attributes: { latency } });
      },
      // Toxiproxy 2.12 can block for ever in taking a toxic away while a connection is being closed: the proxy goes, and its like comes.
      heal: async () => {
        await this.call('DELETE', path);
        await this.call('POST', '/proxies', { name, listen, upstream, enabled: true });
        wellSince = performance.now();
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

/**
 * Counts what a line of Toxiproxy's log tells of a connection (proxy.go, link.go): that a client was accepted, that there was no
 * server for it, that its way back to it has ended.
 */
function count(line: string, uses: Map<string, LinkUse>): void {
  const { name, message = '' } = parse(line);
  const removedFrom = /^RemoveConnection \S+downstream from Proxy (\S+)$/.exec(message)?.[1];
  const use = uses.get(removedFrom ?? name ?? '');
  if (use === undefined) return;
  if (message === 'Accepted client') {
    use.accepted += 1;
    use.open += 1;
  }
  if (removedFrom !== undefined || message === 'Unable to open connection to upstream') use.open -= 1;
}

function parse(line: string): { name?: string; message?: string } {
  try {
    return JSON.parse(line) as { name?: string; message?: string };
  } catch {
    return {};
  }
}
