import type { HttpRequest, HttpRequestOptions, HttpResponse } from 'jsforce';
import { Transport } from 'jsforce/lib/transport';
import type { StreamPromise } from 'jsforce/lib/util/promise';

/**
 * jsforce's own transport with three habits of it turned off (measured with 3.10.16):
 * - it follows redirects with all headers, so that the token would go to whatever host a `Location` names;
 * - it repeats a GET up to five times within 15 s by itself, unseen by those who count calls and back off;
 * - it waits for 30 minutes.
 *
 * One is made for each call, and keeps that call's response for those who classify its failure.
 */
export class BoundedTransport extends Transport {
  response: HttpResponse | undefined;

  constructor(private readonly timeoutMs: number) {
    super();
  }

  override httpRequest(request: HttpRequest, options: HttpRequestOptions = {}): StreamPromise<HttpResponse> {
    const sent = super.httpRequest(request, {
      ...options,
      timeout: this.timeoutMs,
      followRedirect: false,
      retry: { maxRetries: 0, methods: [] },
    });
    sent.then(
      (response) => (this.response = response),
      () => undefined,
    );
    return sent;
  }
}

/** Rejects with a TimeoutError when `work` takes longer: jsforce's own limit ends where the body begins. */
export async function within<T>(work: PromiseLike<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new DOMException('The time limit has passed', 'TimeoutError'));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
