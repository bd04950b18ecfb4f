import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';

/**
 * Loaded into the listener's process before the listener itself (`--require`), so that the bench may ask what the process holds
 * when all that nobody needs is collected. The product knows nothing of it; between two requests it does nothing.
 */

/** Where the port is told on which it answers, on the loopback interface. */
export const COLLECTOR_PORT = 'BENCH_COLLECTOR_PORT';

/** What is held after a collection, bytes. */
export interface Held {
  resident: number;
  heap: number;
}

async function collected(): Promise<Held> {
  const session = new Session();
  session.connect();
  try {
    // Of everything: V8 goes on for as long as it finds more.
    await session.post('HeapProfiler.collectGarbage');
  } finally {
    session.disconnect();
  }
  const { rss: resident, heapUsed: heap } = process.memoryUsage();
  return { resident, heap };
}

const port = process.env[COLLECTOR_PORT];
if (port !== undefined) {
  const server = createServer((_request, response) => {
    collected().then(
      (held) => response.end(JSON.stringify(held)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(Number(port), '127.0.0.1').unref();
}
