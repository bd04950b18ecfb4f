import { connect } from 'node:tls';
import { fail, ok, type Finding } from './check';

const LIMIT_MS = 10_000;
const NO_HTTP_2 = 'it does not speak HTTP/2';

/** Whether the Pub/Sub API takes a TLS connection with HTTP/2, as gRPC needs. Of topics see topics.ts. */
export async function reachPubsub({ endpoint, insecure }: { endpoint: string; insecure: boolean }): Promise<Finding> {
  const colon = endpoint.lastIndexOf(':');
  const host = endpoint.slice(0, colon);
  const port = Number(endpoint.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port)) {
    return fail(`SF_PUBSUB_ENDPOINT is ${endpoint}`, 'Write it as host:port, e.g. api.pubsub.salesforce.com:7443.');
  }
  const fault = await handshake(host, port, insecure);
  if (fault === undefined) return ok(`${endpoint} answers`);
  return fail(
    `${endpoint} cannot be reached: ${fault}`,
    'Check SF_PUBSUB_ENDPOINT, and that the network lets port 7443 out, without a proxy that opens TLS.',
  );
}

function handshake(host: string, port: number, insecure: boolean): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, servername: host, ALPNProtocols: ['h2'], rejectUnauthorized: !insecure });
    const end = (fault: string | undefined) => {
      socket.destroy();
      resolve(fault);
    };
    socket.setTimeout(LIMIT_MS, () => end('no answer in time'));
    socket.once('error', ({ code = 'the TLS handshake failed' }: NodeJS.ErrnoException) =>
      end(code === 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' ? NO_HTTP_2 : code),
    );
    socket.once('secureConnect', () => end(socket.alpnProtocol === 'h2' ? undefined : NO_HTTP_2));
  });
}
