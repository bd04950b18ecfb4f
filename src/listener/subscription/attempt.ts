import { ClientMismatchError } from './grpc-service';
import { openStream } from './stream';
import type { OpenStream, Session, StartPoint, StreamHandlers, StreamTarget } from './stream-types';
import { endOfLookUp, messageOf, type StreamEnd } from './stream-end';

/** A server may keep its headers back until the first event; a stream that stands this long on a live connection stands, ms. */
const ACCEPTED_AFTER_MS = 1_000;

/**
 * What a stream must show before it is believed to be live. `connection`: that it stands for a second on a live connection;
 * after a silence, an `answer` of the service, since a proxy that accepts and never answers is a live connection too; after a
 * schema that could not be had, an `event` that was decoded, or word that none is waiting.
 */
export type Proof = 'connection' | 'answer' | 'event';

export interface AttemptOptions {
  target: StreamTarget;
  session: Session;
  from: StartPoint;
  credit: number;
  silenceLimitMs: number;
  proof: Proof;
  /** Ends the stream when aborted. */
  signal: AbortSignal;
  onOpen: (stream: OpenStream) => void;
  /** The subscription stands. May be called again. */
  onLive: () => void;
  onActivity: () => void;
  events: Pick<StreamHandlers, 'onEvent' | 'onUndecodable' | 'onKeepAlive' | 'onCommitRefused'>;
}

/**
 * One stream from beginning to end, under a watchdog for silence. Resolves when the stream has ended and is gone, on this
 * side and on the server's.
 * @throws ClientMismatchError where another version of the client is installed.
 */
export function runStream(options: AttemptOptions): Promise<StreamEnd> {
  const { silenceLimitMs, signal, proof } = options;
  return new Promise<StreamEnd>((resolve, reject) => {
    const begun = performance.now();
    let lastActivity = begun;
    let stream: OpenStream | undefined;
    let finished = false;

    const finish = (end: StreamEnd): void => {
      finished = true;
      clearInterval(watchdog);
      signal.removeEventListener('abort', onAbort);
      stream?.close();
      resolve(end);
    };
    const onAbort = (): void => finish({ cause: 'ended', reason: 'closed' });
    const watch = (): void => {
      const now = performance.now();
      if (now - lastActivity > silenceLimitMs) {
        finish({ cause: 'silence', reason: `nothing came for ${silenceLimitMs / 1000} s` });
      } else if (proof === 'connection' && now - begun > ACCEPTED_AFTER_MS && stream?.connected() === true) {
        options.onLive();
      }
    };
    const watchdog = setInterval(watch, Math.min(250, silenceLimitMs / 4));
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) {
      onAbort();
      return;
    }

    const handlers: StreamHandlers = {
      ...options.events,
      onAccepted: () => {
        if (proof !== 'event') options.onLive();
      },
      onActivity: () => {
        lastActivity = performance.now();
        options.onActivity();
      },
      onEnd: finish,
    };
    openStream(options.target, options.session, options, handlers).then(
      (opened) => {
        // The opening took so long that it was given up, and another stream may stand by now.
        if (finished) {
          opened.close();
          return;
        }
        stream = opened;
        options.onOpen(opened);
      },
      (error: unknown) => {
        if (error instanceof ClientMismatchError) reject(error);
        finish(options.target.managed ? endOfLookUp(error) : { cause: 'client', reason: messageOf(error) });
      },
    );
  });
}
