import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const given = new Set<number>();

/**
 * A loopback port that nobody listens on, chosen by the system. Another process could take it before it is used: whoever
 * can, listens on port 0 instead, and whoever starts a server on it tries again with another.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await listenOnce(0);
    // The system may give the same port twice in a row, since nobody listens on it yet.
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
}

/** Systems give outgoing connections ports from 32768 (Linux) or 49152 up. */
const LASTING = { from: 20_000, below: 30_000 };

/**
 * A loopback port for a server that goes away and comes back. A free one will not do: who keeps trying to connect to it while nobody
 * listens there may be given that very port for his own end, is then connected with himself, and the server cannot have it again.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = randomInt(LASTING.from, LASTING.below);
    if (given.has(port)) continue;
    given.add(port);
    try {
      return await listenOnce(port);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

/** A person asked for this port and it cannot be had. */
export class PortRefused extends Error {
  constructor(
    readonly port: number,
    message: string,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** Someone else has it. */
export class PortInUse extends PortRefused {
  constructor(port: number, what: string) {
    super(
      port,
      `Port ${port} on 127.0.0.1 is in use, so ${what} cannot listen there. Stop what uses it, or choose another port.`,
    );
  }
}

/**
 * @param what is to listen there, for the message
 * @throws PortRefused
 */
export async function requirePort(port: number, what: string): Promise<void> {
  try {
    await listenOnce(port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new PortInUse(port, what);
    if (code === 'EACCES') {
      throw new PortRefused(
        port,
        `This user may not listen on port ${port}, so ${what} cannot. Choose one above 1023.`,
      );
    }
    throw error;
  }
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no TCP port was given'));
        else resolve(address.port);
      });
    });
  });
}
