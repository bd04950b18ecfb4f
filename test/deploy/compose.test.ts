import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { DYNAMIC_CONFIG } from '../../sandbox/servers/temporal';
import { publishedFile } from '../support/published-types';
import { composeFile, envFile, filledIn, interpolate, ROOT, type Service } from './compose-file';
import { complaintsOf, isRead } from './variables';

/** docker-compose.yml by the Compose specification's JSON schema, and by what it is there for. No container runs here. */
const { services, volumes } = composeFile();
const all = Object.entries(services);
const ofProduct = all.filter(([, { image }]) => image?.startsWith('order-provisioning:'));
const inProfile = (profile: string) => ofProduct.filter(([, { profiles }]) => profiles?.includes(profile));
const names = (some: [string, Service][]) => some.map(([name]) => name);

test('it is valid by the JSON schema of the Compose specification', () => {
  // Its `$schema` is written in a way that Ajv does not know; it says nothing about a Compose file.
  const text = readFileSync(publishedFile('dclint', 'schemas/compose.schema.json'), 'utf8');
  const schema = JSON.parse(text) as Record<string, unknown>;
  delete schema['$schema'];
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  const read = () =>
    parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
      services: Record<string, Record<string, unknown>>;
    };
  expect([validate(read()), validate.errors]).toEqual([true, null]);
  const broken = read();
  broken.services['worker']!['comand'] = ['node'];
  expect(validate(broken)).toBe(false);
});

test('what it refers to is there', () => {
  for (const [name, { depends_on = {}, network_mode, volumes: mounts = [] }] of all) {
    const shared = network_mode?.replace(/^service:/, '');
    for (const other of [...Object.keys(depends_on), ...(shared === undefined ? [] : [shared])]) {
      expect([name, other, other in services]).toEqual([name, other, true]);
      // A service of another profile would not be started along.
      expect([name, services[other]!.profiles]).toEqual([name, services[name]!.profiles]);
    }
    for (const mount of mounts) {
      const [source = ''] = mount.split(':');
      expect([mount, source.startsWith('./') ? existsSync(join(ROOT, source)) : source in volumes]).toEqual([
        mount,
        true,
      ]);
    }
  }
});

test('the sandbox and the installation have no service, volume or published port in common', () => {
  for (const [name, { profiles }] of all) {
    expect([name, profiles]).toEqual([name, [name.startsWith('sandbox') ? 'sandbox' : 'production']]);
  }
  const published = all.flatMap(([, { ports = [] }]) => ports.map((port) => port.split(':').slice(0, 2).join(':')));
  expect(published.length).toBeGreaterThan(2);
  expect(new Set(published).size).toBe(published.length);
  const sandboxed = all.filter(([, { profiles }]) => profiles?.includes('sandbox'));
  expect(sandboxed.flatMap(([, { volumes: mounts = [] }]) => mounts)).toEqual([]);
});

test('of a .env nothing reaches the sandbox but the tag of the images', () => {
  const sandboxOf = (environment: Record<string, string>) =>
    Object.entries(composeFile(environment).services).filter(([name]) => name.startsWith('sandbox'));
  const named = [...readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8').matchAll(/\$\{([A-Z_]+):-/g)];
  const names = [...new Set(named.map(([, name = '']) => name))];
  expect(names).toEqual(expect.arrayContaining(['POSTGRES_PASSWORD', 'TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE']));
  const others = names.filter((name) => name !== 'ORDER_PROVISIONING_TAG');
  const installed = Object.fromEntries(others.map((name) => [name, 'of-the-installation']));
  expect(sandboxOf(installed)).toEqual(sandboxOf({}));
});

test('no password of the installation has a default', () => {
  expect(services['postgresql']!.environment!['POSTGRES_PASSWORD']).toBe('');
  const { services: filled } = composeFile({ POSTGRES_PASSWORD: 's3cret' });
  expect(filled['postgresql']!.environment!['POSTGRES_PASSWORD']).toBe('s3cret');
  expect(filled['temporal-schema']!.environment!['SQL_PASSWORD']).toBe('s3cret');
  expect(filled['temporal']!.environment!['POSTGRES_PWD']).toBe('s3cret');
});

test('what waits for health waits for something that has a health check', () => {
  const awaited = all.flatMap(([, { depends_on = {} }]) =>
    Object.entries(depends_on).filter(([, { condition }]) => condition === 'service_healthy'),
  );
  for (const [name] of awaited) expect([name, services[name]!.healthcheck !== undefined]).toEqual([name, true]);
});

test('every image of others is pinned to a version', () => {
  const images = all.filter(([, { build }]) => build === undefined).map(([, { image }]) => image ?? '');
  for (const image of images) expect(image).toMatch(/^[a-z/-]+:\d+\.\d+(\.\d+)?$/);
});

test('both set-ups have two listeners, a worker and a portal', () => {
  expect(names(inProfile('production'))).toEqual(['listener-1', 'listener-2', 'worker', 'portal']);
  expect(names(inProfile('sandbox'))).toEqual([
    'sandbox-listener-1',
    'sandbox-listener-2',
    'sandbox-worker',
    'sandbox-portal',
  ]);
});

test.each(ofProduct)('%s is hardened, and has longer to stop than it takes', (_name, service) => {
  expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], build: { context: '.', target: 'product' } });
  // src/processes/run.ts ends by force after 15 s.
  expect(parseInt(service.stop_grace_period ?? '0')).toBeGreaterThan(15);
});

test.each(ofProduct)('each variable of %s is one that a process reads', (_name, { environment = {} }) => {
  expect(Object.keys(environment).filter((name) => !isRead(name))).toEqual([]);
});

test.each(inProfile('sandbox'))('%s has all the variables that it needs, without any .env', (_name, service) => {
  expect(service.env_file).toBeUndefined();
  expect(complaintsOf(service.command!, service.environment!)).toBe('');
});

const example = envFile('deploy', 'compose', 'env.example');
const COMPOSES_OWN = ['COMPOSE_PROFILES', 'POSTGRES_PASSWORD', 'REDIS_PASSWORD'];

test.each(inProfile('production'))(
  '%s starts with the example filled in, and not with a name of it left out',
  (name) => {
    const environmentOf = (file: Record<string, string>) => ({
      ...file,
      ...composeFile(file).services[name]!.environment,
    });
    const { command } = services[name]!;
    const filled = filledIn(example);
    expect(complaintsOf(command!, environmentOf(filled))).toBe('');
    expect(complaintsOf(command!, environmentOf({}))).toMatch(/SF_LOGIN_URL is required/);
  },
);

test('the example names only what is read, and each of its names is needed by some service', () => {
  const own = Object.keys(example).filter((name) => !COMPOSES_OWN.includes(name));
  expect(own.filter((name) => !isRead(name))).toEqual([]);
  const filled = filledIn(example);
  for (const left of own) {
    const rest = Object.fromEntries(Object.entries(filled).filter(([name]) => name !== left));
    const said = inProfile('production').map(([name, { command }]) =>
      complaintsOf(command!, { ...rest, ...composeFile(rest).services[name]!.environment }),
    );
    expect([left, said.join('\n')]).toEqual([left, expect.stringContaining(left)]);
  }
  expect(example['COMPOSE_PROFILES']).toBe('production');
});

test('the sandbox shares one network namespace, where no two listen on the same port', () => {
  const sharing = inProfile('sandbox');
  for (const [name, { network_mode, ports }] of sharing) {
    expect([name, network_mode, ports]).toEqual([name, 'service:sandbox', undefined]);
  }
  const ports = sharing.map(([, { environment }]) => environment!['HTTP_PORT']);
  expect(new Set(ports).size).toBe(sharing.length);
  const awaited = services['sandbox']!.command!.filter((word) => word.startsWith('--approve-when-ready='));
  expect(awaited.map((word) => word.replace(/.*:/, '')).sort()).toEqual([...ports].sort());
});

test('nothing is published but on the loopback of the host', () => {
  for (const [name, { ports = [] }] of all) {
    for (const port of ports) expect([name, port]).toEqual([name, expect.stringMatching(/^127\.0\.0\.1:/)]);
  }
});

test('the Redis of the installation keeps what it is given, asks for a password and evicts nothing', () => {
  const { command, volumes: mounts } = services['redis']!;
  for (const setting of ['requirepass $REDIS_PASSWORD', 'appendonly yes', 'maxmemory-policy noeviction']) {
    expect(command!.join('\n')).toContain(setting);
  }
  expect(mounts).toEqual(['redis:/data']);
  const { environment } = composeFile({ REDIS_PASSWORD: 's3cret' }).services['worker']!;
  expect(environment!['REDIS_URL']).toBe('redis://:s3cret@redis:6379');
});

test('interpolation is as Compose does it, for the forms in use', () => {
  expect(interpolate('${A:-x} $$B ${C:-${D:-y}}', { A: '', D: 'd' })).toBe('x $B d');
  expect(() => interpolate('${A:?no}', {})).toThrow('Not a form');
});

test("its Temporal has every setting of the sandbox's: what is measured and tested there holds here", () => {
  const text = readFileSync(join(ROOT, 'deploy/compose/temporal-dynamic-config.yaml'), 'utf8');
  const settings = parse(text) as Record<string, { value: unknown }[]>;
  for (const [name, value] of Object.entries(DYNAMIC_CONFIG)) {
    expect([name, settings[name]?.map((setting) => String(setting.value))]).toEqual([name, [value]]);
  }
  // The guide says of which server's defaults it speaks; look them up when this one is raised.
  const [, version = ''] = services['temporal']!.image!.split(':');
  expect(readFileSync(join(ROOT, 'docs', 'scaling.md'), 'utf8')).toContain(`${version} (which Compose runs)`);
});
