import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const CHUNK = Buffer.alloc(256 * 1024, ' ');

/** A server whose bodies have no end: spaces, which every parser skips. It counts what it could get rid of. */
export class EndlessServer {
  bytesSent = 0;
  /** Answers that go on. */
  open = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** @param first answers what the test needs to get that far; false: the answer shall be without end */
  static async start(
    first: (request: IncomingMessage, response: ServerResponse, url: string) => boolean = () => false,
  ): Promise<EndlessServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endless = new EndlessServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      request.resume();
      if (!first(request, response, endless.url)) endless.pour(response);
    });
    return endless;
  }

  private pour(response: ServerResponse): void {
    this.open += 1;
    response.on('close', () => (this.open -= 1));
    response.writeHead(200, { 'content-type': 'application/json' });
    const pump = (): void => {
      if (response.destroyed) return;
      this.bytesSent += CHUNK.length;
      if (response.write(CHUNK)) setImmediate(pump);
      else response.once('drain', pump);
    };
    pump();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
