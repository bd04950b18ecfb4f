import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createClient } from 'redis';
import { findProgram } from '../../sandbox/servers/find-program';
import { freePort } from '../../sandbox/servers/free-port';
import { eventually } from '../support/eventually';
import { freshRedis } from '../support/servers';
import { composeFile, ROOT } from './compose-file';
import { Image, type Container } from './image';

/** The start commands of the containers, run outside a container on what the image would hold. Built once. */
let image: Image;
const running: Container[] = [];
const { services } = composeFile();

beforeAll(() => {
  image = Image.build();
}, 600_000);
afterAll(async () => {
  await Promise.all(running.map((container) => container.stop()));
  image.remove();
});

function start(command: readonly string[], environment: Record<string, string>): Container {
  const container = image.run(command, environment);
  running.push(container);
  return container;
}

test.each(['listener-1', 'worker', 'portal'])('%s without its variables says which, and ends with 2', async (name) => {
  const container = start(services[name]!.command!, {});
  expect(await container.end).toBe(2);
  expect(container.output).toContain('SF_LOGIN_URL is required');
  expect(container.output).not.toContain('    at ');
});

test('the health check of the image fails where nothing answers', async () => {
  const port = String(await freePort());
  expect(await start(healthCheck(), { HTTP_PORT: port }).end).toBe(1);
});

test('the command line is in the image, as `orders`', async () => {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  const [linked, target = '', place = ''] = /^RUN ln -s \/app\/(\S+) (\S+)$/m.exec(dockerfile) ?? [];
  expect(place).toBe('/usr/local/bin/orders');
  // Only root may write there.
  expect(dockerfile.indexOf(linked!)).toBeLessThan(dockerfile.indexOf('\nUSER '));
  const path = mkdtempSync(join(tmpdir(), 'order-provisioning-path-'));
  symlinkSync(join(image.app, target), join(path, basename(place)));
  const help = start(['orders', '--help'], { PATH: `${path}:${process.env['PATH']}` });
  expect(await help.end).toBe(0);
  expect(help.output).toContain('doctor');
  rmSync(path, { recursive: true });
});

test('the sandbox profile provisions the demo’s orders, and every container stops on SIGTERM with 0', async () => {
  const redis = await freshRedis();
  try {
    const ports = await portMap(['8301', '7443', '8302', '9464', '9474', '9465', '8080', '7233', '8233']);
    const moved = (text: string): string =>
      text
        .replace('sandbox-temporal:', '127.0.0.1:')
        .replace('--ip=0.0.0.0', '--ip=127.0.0.1')
        .replace(/(?<=127\.0\.0\.1:|^--(?:ui-)?port=)\d+/, (port) => ports.get(port) ?? `no port for ${port}`);
    const environmentOf = (name: string): Record<string, string> => {
      const given = Object.entries(services[name]!.environment!).map(([variable, value]) => [variable, moved(value)]);
      return {
        ...(Object.fromEntries(given) as Record<string, string>),
        HTTP_PORT: ports.get(services[name]!.environment!['HTTP_PORT']!)!,
        REDIS_URL: redis.url,
      };
    };
    const { command, healthcheck } = services['sandbox-temporal']!;
    // The entry point of its image is the program that its health check names; a container has a HOME.
    const home = { HOME: image.app };
    const program = await findProgram('temporal');
    const temporal = start([program, ...command!.map(moved)], home);
    const [, , ...health] = healthcheck!.test.map(moved);
    await eventually(async () => expect(await start([program, ...health], home).end).toBe(0), { timeoutMs: 60_000 });
    const emulators = start(
      [
        ...services['sandbox']!.command!.map(moved),
        `--salesforce-port=${ports.get('8301')}`,
        `--pubsub-port=${ports.get('7443')}`,
        `--whmcs-port=${ports.get('8302')}`,
      ],
      {},
    );
    await eventually(() => expect(emulators.output).toContain('Waiting for'), { timeoutMs: 60_000 });
    const names = ['sandbox-listener-1', 'sandbox-listener-2', 'sandbox-worker', 'sandbox-portal'];
    const containers = names.map((name) => start(services[name]!.command!, environmentOf(name)));
    await eventually(() => expect(emulators.output).toContain('Verdict'), { timeoutMs: 240_000, everyMs: 200 });
    expect(emulators.output).toContain('Verdict: sound');
    for (const name of names) {
      const { HTTP_PORT: port = '' } = environmentOf(name);
      expect([name, await start(healthCheck(), { HTTP_PORT: port }).end]).toEqual([name, 0]);
    }
    const ends = await Promise.all([...containers, emulators].map((container) => container.stop()));
    expect(ends).toEqual([0, 0, 0, 0, 0]);
    await temporal.stop();
  } finally {
    await redis.stop();
  }
}, 360_000);

async function portMap(fixed: string[]): Promise<Map<string, string>> {
  const free: [string, string][] = [];
  for (const port of fixed) free.push([port, String(await freePort())]);
  return new Map(free);
}

test('the Redis of the installation refuses to start without a password, and asks for it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'order-provisioning-redis-'));
  const port = await freePort();
  // Stands before the real program on PATH, to move it to a free port and a folder of its own.
  const shim = join(folder, 'redis-server');
  writeFileSync(shim, `#!/bin/sh\nexec '${await findProgram('redis-server')}' "$@" --port ${port} --dir '${folder}'\n`);
  chmodSync(shim, 0o755);
  const path = { PATH: `${folder}:${process.env['PATH']}` };
  const { command } = services['redis']!;
  expect(await start(command!, { ...path, REDIS_PASSWORD: '' }).end).toBe(2);

  const server = start(command!, { ...path, REDIS_PASSWORD: 'pass0word' });
  await eventually(() => expect(server.output).toContain('Ready to accept connections'));
  const client = createClient({ url: `redis://:pass0word@127.0.0.1:${port}` });
  await client.connect();
  expect(await client.configGet(['appendonly', 'maxmemory-policy'])).toEqual({
    appendonly: 'yes',
    'maxmemory-policy': 'noeviction',
  });
  client.destroy();
  const stranger = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: false } });
  stranger.on('error', () => undefined);
  await expect(stranger.connect()).rejects.toThrow('NOAUTH');
  stranger.destroy();
  expect(await server.stop()).toBe(0);
  rmSync(folder, { recursive: true });
});

describe('the Dockerfile', () => {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  const instructions = dockerfile
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line))
    .map((line) => line.split(/ (.*)/s) as [string, string]);
  const valuesOf = (name: string) =>
    instructions.filter(([instruction]) => instruction === name).map(([, rest]) => rest);

  test('ends with the product, run by a user that is not root', () => {
    expect(valuesOf('FROM').at(-1)).toBe('base AS product');
    expect(valuesOf('USER')).toEqual(['1000:1000']);
    expect(valuesOf('CMD').at(-1)).toBe('["node", "dist/src/processes/portal.js"]');
  });

  test('copies only what is there and what .dockerignore lets in', () => {
    const letIn = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'));
    const own = valuesOf('COPY').filter((rest) => !rest.startsWith('--from'));
    const sources = own.flatMap((rest) => rest.split(' ').slice(0, -1));
    expect(sources.length).toBeGreaterThan(5);
    for (const source of sources) {
      expect([source, existsSync(join(ROOT, source)), letIn.includes(`!${source.replace('./', '')}`)]).toEqual([
        source,
        true,
        true,
      ]);
    }
  });

  test('the product needs no package that is left out of its image', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const files = readdirSync(join(image.app, 'dist', 'src'), { recursive: true, encoding: 'utf8' });
    const code = files.filter((file) => file.endsWith('.js') && !file.endsWith('workflow-bundle.js'));
    const required = code.flatMap((file) => {
      const text = readFileSync(join(image.app, 'dist', 'src', file), 'utf8');
      return [...text.matchAll(/\brequire\("([^".][^"]*)"\)/g)].map(([, name = '']) => packageOf(name));
    });
    const missing = [...new Set(required)].filter((name) => !(name in dependencies) && !builtinModules.includes(name));
    expect(missing).toEqual([]);
  });

  test('the workflow bundle is built ahead', () => {
    expect(existsSync(join(image.app, 'dist', 'src', 'temporal', 'workflow-bundle.js'))).toBe(true);
  });
});

function packageOf(module: string): string {
  const bare = module.replace(/^node:/, '');
  return bare
    .split('/')
    .slice(0, bare.startsWith('@') ? 2 : 1)
    .join('/');
}

function healthCheck(): string[] {
  const text = /^HEALTHCHECK .*CMD (\[.*\])$/m.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))?.[1];
  return JSON.parse(text ?? '[]') as string[];
}
