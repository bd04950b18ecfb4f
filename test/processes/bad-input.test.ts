import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_PROFILES, withoutProductVariables } from '../../sandbox/product-environment';
import { freePort } from '../../sandbox/servers/free-port';
import { builtProduct, redisUrl, temporalAddress, uniqueName } from '../support/servers';

/** What a process says, and how it ends, where its surroundings are not as they should be: one message, no stack. */

const SALESFORCE = { SF_LOGIN_URL: 'http://127.0.0.1:1', SF_CLIENT_ID: 'id', SF_CLIENT_SECRET: 'hidden-word' };
const WHMCS = {
  WHMCS_API_URL: 'http://127.0.0.1:1/includes/api.php',
  WHMCS_API_IDENTIFIER: 'id',
  WHMCS_API_SECRET: 'hidden-word',
};

let taken: Server;
let folder: string;
let sound: Record<string, string>;

beforeAll(async () => {
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  folder = mkdtempSync(join(tmpdir(), 'bad-input-'));
  sound = {
    ...SALESFORCE,
    ...WHMCS,
    TEMPORAL_ADDRESS: await temporalAddress(),
    TEMPORAL_TASK_QUEUE: uniqueName('bad-input'),
    TEMPORAL_CONFIG_FILE: NO_PROFILES,
    REDIS_URL: await redisUrl(),
    HTTP_PORT: String(await freePort()),
  };
});
afterAll(async () => {
  await new Promise((resolve) => taken.close(resolve));
  rmSync(folder, { recursive: true });
});

/** A process in sound surroundings but for `spoilt`. @returns its exit code, and what it wrote but its log */
async function end(name: string, spoilt: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const build = await builtProduct();
  const child = spawn(process.execPath, [join(build, 'src', 'processes', `${name}.js`)], {
    cwd: build,
    env: { ...process.env, ...withoutProductVariables(), ...sound, ...spoilt },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}

const port = (): string => String((taken.address() as AddressInfo).port);
const ALL = ['listener', 'worker', 'portal'];
const OF_TEMPORAL = ['listener', 'worker'];

interface Case {
  what: string;
  of: string[];
  spoilt: () => Record<string, string>;
  code: number;
  /** The whole message, after the name of the process. */
  message: RegExp;
}

const CASES: Case[] = [
  {
    what: 'an unreachable Temporal',
    of: OF_TEMPORAL,
    spoilt: () => ({ TEMPORAL_ADDRESS: '127.0.0.1:1' }),
    code: 1,
    message:
      /^Temporal cannot be reached at 127\.0\.0\.1:1\. Check TEMPORAL_ADDRESS and that the server runs( \(.*\))?\n$/,
  },
  {
    what: 'an unreachable Redis',
    of: ['listener'],
    spoilt: () => ({ REDIS_URL: 'redis://:hidden-word@127.0.0.1:1' }),
    code: 1,
    message: /^Redis cannot be reached at 127\.0\.0\.1:1\. Check REDIS_URL and that the server runs\.( \(.*\))?\n$/,
  },
  {
    what: 'a port in use',
    of: ALL,
    spoilt: () => ({ HTTP_PORT: port() }),
    code: 1,
    message: /^Port \d+ on 127\.0\.0\.1 is in use\. Set HTTP_PORT to a free one, or stop what holds it\.\n$/,
  },
  {
    what: 'a profile that there is not, and a missing variable',
    of: OF_TEMPORAL,
    spoilt: () => ({ TEMPORAL_PROFILE: 'nowhere', SF_LOGIN_URL: '' }),
    code: 2,
    message:
      /^The environment is not usable:\n {2}- SF_LOGIN_URL is required\n {2}- TEMPORAL_PROFILE.* cannot be read: Profile 'nowhere' not found[^\n]*\nSee \.env\.example [^\n]*\n$/,
  },
  {
    what: 'a certificate that there is not',
    of: OF_TEMPORAL,
    spoilt: () => ({
      TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere/cert.pem',
      TEMPORAL_TLS_CLIENT_KEY_PATH: '/nowhere/key.pem',
    }),
    code: 2,
    message: /^The environment is not usable:\n {2}- TEMPORAL_.*: ENOENT: .*\/nowhere\/cert\.pem'\nSee [^\n]*\n$/,
  },
  {
    what: 'a file of profiles that is not sound, and of which nothing may be told',
    of: OF_TEMPORAL,
    spoilt: () => {
      const file = join(folder, 'temporal.toml');
      writeFileSync(file, '[profile.default]\napi_key = hidden-word\n');
      return { TEMPORAL_CONFIG_FILE: file };
    },
    code: 2,
    message:
      /^The environment is not usable:\n {2}- TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE or TEMPORAL_TLS_\* cannot be read\nSee [^\n]*\n$/,
  },
  {
    what: 'a key, an endpoint and a channel that cannot be used',
    of: ['listener'],
    spoilt: () => ({
      SF_CLIENT_SECRET: '',
      SF_USERNAME: 'integration@example.com',
      SF_PRIVATE_KEY: 'hidden-word',
      SF_PUBSUB_ENDPOINT: 'pubsub.example',
      SF_ORDER_CDC_CHANNEL: 'OrderChangeEvent',
    }),
    code: 2,
    message:
      /^The environment is not usable:\n(?=[^]*- SF_PRIVATE_KEY holds no RSA )(?=[^]*- SF_PUBSUB_ENDPOINT )(?=[^]*- SF_ORDER_CDC_CHANNEL )/,
  },
  {
    what: 'several wrong variables',
    of: ALL,
    spoilt: () => ({
      SF_LOGIN_URL: 'http://salesforce.example',
      REDIS_URL: 'http://:hidden-word@x',
      LOG_LEVEL: 'loud',
      SF_FIELDS_FILE: join(folder, 'missing.json'),
      HTTP_PORT: '0x1F90',
    }),
    code: 2,
    message:
      /^The environment is not usable:\n(?=[^]*- SF_LOGIN_URL )(?=[^]*- REDIS_URL )(?=[^]*- LOG_LEVEL )(?=[^]*- SF_FIELDS_FILE )(?=[^]*- HTTP_PORT )/,
  },
];

test.each(CASES.flatMap(({ of, ...rest }) => of.map((name) => ({ name, ...rest }))))(
  'the $name with $what',
  async ({ name, spoilt, code, message }) => {
    const ended = await end(name, spoilt());
    expect(ended.code).toBe(code);
    expect(ended.said.startsWith(`${name}: `)).toBe(true);
    expect(ended.said.slice(name.length + 2)).toMatch(message);
    expect(ended.said).not.toMatch(/^\s+at |hidden-word/m);
  },
);
