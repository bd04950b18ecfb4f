import { PassThrough } from 'node:stream';
import type { HttpRequest, HttpResponse } from 'jsforce';
import { Transport } from 'jsforce/lib/transport';
import { StreamPromise } from 'jsforce/lib/util/promise';
import { boundedText } from '../domain/bounded-text';

/**
 * What jsforce sends, sent by Node's own fetch. jsforce's transport has habits that cannot all be turned off (measured with 3.10.16):
 * - it follows redirects with all headers, so that the token would go to whatever host a `Location` names;
 * - it repeats a GET up to five times within 15 s by itself, unseen by those who count calls and back off;
 * - it waits for 30 minutes, and for the rest of a body for ever;
 * - it reads a body without end into memory, and nobody can make it stop.
 *
 * One is made for each call, and keeps that call's response for those who classify its failure.
 */
export class BoundedTransport extends Transport {
  response: HttpResponse | undefined;

  /** @param timeoutMs of the whole exchange, the body included */
  constructor(private readonly timeoutMs: number) {
    super();
  }

  /** Rejects with a TimeoutError, or what the network failed with. A body that is too large is given as an empty one. */
  override httpRequest(request: HttpRequest): StreamPromise<HttpResponse> {
    // jsforce pipes what it calls the request's stream; our bodies are texts.
    return StreamPromise.create(() => ({ stream: new PassThrough(), promise: this.exchange(request) }));
  }

  private async exchange({ method, url, headers = {}, body }: HttpRequest): Promise<HttpResponse> {
    try {
      const response = await fetch(url, {
        method,
        headers,
        ...(typeof body === 'string' ? { body } : {}),
        redirect: 'manual',
        signal: AbortSignal.timeout(this.timeoutMs),
      });
      const text = (await boundedText(response.body as AsyncIterable<Uint8Array> | null)) ?? '';
      this.response = { statusCode: response.status, headers: Object.fromEntries(response.headers), body: text };
      return this.response;
    } catch (error) {
      // fetch wraps what the network said.
      const { cause = error } = error as { cause?: unknown };
      throw cause;
    }
  }
}
