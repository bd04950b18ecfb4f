import { connect } from 'node:net';

/** How a server ended a request whose body would never have ended. */
export interface Ended {
  /** The status line and what followed; empty where it just hung up. */
  answer: string;
  /** How much of the body it had let us send. */
  bytesSent: number;
}

/** Sends only that, and waits until the server hangs up. @returns what it answered before */
export function sendUnfinished(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(text));
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(answer));
  });
}

const CHUNK = Buffer.alloc(64 * 1024, 'x');

/**
 * Sends a request without an end: chunk after chunk, until the server hangs up.
 * @param head header lines, without those of the body
 */
export function sendWithoutEnd(url: string, method: string, head: readonly string[] = []): Promise<Ended> {
  const { hostname, port, pathname, host } = new URL(url);
  return new Promise((resolve) => {
    let answer = '';
    let bytesSent = 0;
    const socket = connect({ host: hostname, port: Number(port) });
    const frame = Buffer.concat([Buffer.from(`${CHUNK.length.toString(16)}\r\n`), CHUNK, Buffer.from('\r\n')]);
    const pump = (): void => {
      if (socket.destroyed || answer !== '') return;
      bytesSent += CHUNK.length;
      if (socket.write(frame)) setImmediate(pump);
      else socket.once('drain', pump);
    };
    socket.on('connect', () => {
      const lines = [`${method} ${pathname} HTTP/1.1`, `host: ${host}`, 'transfer-encoding: chunked', ...head];
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      pump();
    });
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      // Who has answered need not hear the rest.
      socket.end();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve({ answer, bytesSent }));
  });
}
