import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A span as a collector receives it. */
export interface ReceivedSpan {
  service: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  attributes: Record<string, unknown>;
}

interface Decoded {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: {
      spans: {
        traceId: Uint8Array;
        spanId: Uint8Array;
        parentSpanId: Uint8Array | null;
        name: string;
        attributes: Attribute[];
      }[];
    }[];
  }[];
}
interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: unknown; arrayValue?: { values: Attribute['value'][] } };
}

const valueOf = ({ stringValue, intValue, arrayValue }: Attribute['value']): unknown =>
  arrayValue ? arrayValue.values.map(valueOf) : (stringValue ?? intValue);
const record = (attributes: Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));
const hex = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString('hex');

/** The request's message as OpenTelemetry publishes it, compiled; the package keeps it to itself. */
function requestType(): { decode(bytes: Uint8Array): unknown } {
  const transformer = require.resolve('@opentelemetry/otlp-transformer');
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const root = require(join(transformer, '..', 'generated', 'root.js')) as {
    opentelemetry: {
      proto: { collector: { trace: { v1: { ExportTraceServiceRequest: { decode(bytes: Uint8Array): unknown } } } } };
    };
  };
  return root.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
}

/** A collector: takes OTLP over HTTP (protobuf) and keeps the spans. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** All that was sent, as it came. */
  readonly bodies: Buffer[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OtlpReceiver> {
    const server = createServer();
    const receiver = new OtlpReceiver(server);
    const type = requestType();
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        receiver.bodies.push(body);
        receiver.take(type.decode(body) as Decoded);
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take({ resourceSpans }: Decoded): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = String(record(resource.attributes)['service.name']);
      for (const { traceId, spanId, parentSpanId, name, attributes } of scopeSpans.flatMap(({ spans }) => spans)) {
        this.spans.push({
          service,
          traceId: hex(traceId),
          spanId: hex(spanId),
          parentSpanId: hex(parentSpanId),
          name,
          attributes: record(attributes),
        });
      }
    }
  }
}
