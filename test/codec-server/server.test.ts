import { createSecretKey, randomBytes } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { JSONToPayload, payloadToJSON, type JSONPayload } from '@temporalio/common/lib/proto-utils';
import type { FastifyInstance } from 'fastify';
import { buildCodecServer, type CodecServerDeps } from '../../src/codec-server/server';
import { sendWithoutEnd } from '../support/raw-http';
import { createEncryptionCodec } from '../../src/temporal/codec';

const UI = 'https://temporal.example.com';
const codec = createEncryptionCodec({ encryptWith: 'k', keys: new Map([['k', createSecretKey(randomBytes(32))]]) });
const plain = defaultPayloadConverter.toPayload({ orderId: '801' });

let apps: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(apps.map((app) => app.close()));
  apps = [];
});

type Headers = Record<string, string>;

async function serve(deps: Partial<CodecServerDeps> = {}): Promise<string> {
  const app = buildCodecServer({ codec, origins: [UI], ...deps });
  apps.push(app);
  return app.listen({ host: '127.0.0.1', port: 0 });
}

async function ask(deps: Partial<CodecServerDeps>, path: string, body: unknown, headers: Headers = {}) {
  const given = { 'content-type': 'application/json', ...headers };
  const response = await fetch(`${await serve(deps)}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: given,
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

const first = ({ body }: { body: string }): Payload =>
  JSONToPayload((JSON.parse(body) as { payloads: JSONPayload[] }).payloads[0]!);
const encrypted = async () => ({ payloads: (await codec.encode([plain])).map(payloadToJSON) });

it('decodes what was encrypted, and encodes what a person types', async () => {
  const decoded = await ask({}, '/decode', await encrypted(), { origin: UI, 'x-namespace': 'default' });
  expect(decoded.headers.get('access-control-allow-origin')).toBe(UI);
  expect(defaultPayloadConverter.fromPayload(first(decoded))).toEqual({ orderId: '801' });

  const encoded = await ask({}, '/encode', { payloads: [payloadToJSON(plain)] });
  expect(encoded.body).not.toContain(Buffer.from(plain.data!).toString('base64'));
  const [back] = await codec.decode([first(encoded)]);
  expect(defaultPayloadConverter.fromPayload(back!)).toEqual({ orderId: '801' });
});

it('tells a browser beforehand what it may send', async () => {
  const preflight = await fetch(`${await serve({ token: 'secret' })}/decode`, {
    method: 'OPTIONS',
    headers: {
      origin: UI,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,x-namespace',
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-origin')).toBe(UI);
  expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization, content-type, x-namespace');
});

it.each(['https://evil.example', 'null', `${UI}.evil.example`, 'http://temporal.example.com'])(
  'shows nothing to a browser at %s',
  async (origin) => {
    const answer = await ask({}, '/decode', await encrypted(), { origin });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  },
);

it.each([
  [undefined, 401],
  ['Bearer wrong', 401],
  ['secret', 401],
  ['Bearer secret', 200],
])('with a token, Authorization %s gets %i', async (authorization, status) => {
  const headers = authorization === undefined ? {} : { authorization };
  expect((await ask({ token: 'secret' }, '/decode', await encrypted(), headers)).status).toBe(status);
});

it.each([
  ['no payloads', {}],
  ['payloads that are none', { payloads: 'x' }],
  ['an encrypted payload that was cut off', { payloads: [{ metadata: { encoding: 'YmluYXJ5L2VuY3J5cHRlZA==' } }] }],
])('refuses %s', async (_, body) => {
  expect((await ask({}, '/decode', body)).status).toBe(400);
});

it('does not read a body beyond what Temporal itself takes', async () => {
  const { answer, bytesSent } = await sendWithoutEnd(`${await serve()}/decode`, 'POST', [
    'content-type: application/json',
  ]);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(bytesSent).toBeLessThan(64 * 1024 * 1024);
});
