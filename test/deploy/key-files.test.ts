import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { accessFault, readPrivateFile } from '../../src/config/private-file';
import { temporalTarget } from '../../src/temporal/connection';
import { composeFile, ROOT } from './compose-file';
import { deployments, FOLDER, type Identity, type Volume } from './kubernetes-manifests';
import { complaintsOf, FILE_VARIABLES, isRead } from './variables';

/** Each variable that names a file leads to one that the process can read, and that is private enough for it to be read. */
const TEMPORALS = FILE_VARIABLES.filter((name) => name.startsWith('TEMPORAL_'));
const filesOf = (process: string) =>
  FILE_VARIABLES.filter((name) => process !== 'portal' || !TEMPORALS.includes(name)).toSorted();
const guide = readFileSync(join(ROOT, 'docs', 'deployment.md'), 'utf8');

test('the variables that name a file are known', () => {
  expect(FILE_VARIABLES).toEqual(
    expect.arrayContaining(['SF_PRIVATE_KEY_FILE', 'SF_FIELDS_FILE', 'TEMPORAL_TLS_CLIENT_KEY_PATH']),
  );
  expect(FILE_VARIABLES.filter((name) => !isRead(name))).toEqual([]);
});

describe('on Kubernetes', () => {
  /** Lines of the environment with their comment sign taken away, as a person would. */
  const lines = readFileSync(join(FOLDER, 'order-provisioning.env'), 'utf8').matchAll(/^#?([A-Z_]+)=(\/etc\/.+)$/gm);
  const paths = Object.fromEntries([...lines].map(([, name = '', path = '']) => [name, path]));

  test('the environment shows each of them', () => {
    expect(Object.keys(paths).toSorted()).toEqual([...FILE_VARIABLES].toSorted());
  });

  describe.each(deployments)('%s', (name, { template: { spec: pod } }) => {
    const [container] = pod.containers;
    const volumeOf = (path: string): Volume | undefined => {
      const mount = container.volumeMounts.find(({ mountPath }) => mountPath === dirname(path));
      return mount?.readOnly === true ? pod.volumes.find((volume) => volume.name === mount.name) : undefined;
    };

    test('has a mount where they are, and keys of no other process', () => {
      const reached = FILE_VARIABLES.filter((variable) => volumeOf(paths[variable]!) !== undefined);
      expect(reached.toSorted()).toEqual(filesOf(name));
    });

    test('starts without them', () => {
      const sources = pod.volumes.flatMap(({ secret, configMap }) => secret ?? configMap ?? []);
      expect(sources.filter(({ optional }) => optional !== true)).toEqual([]);
    });

    test('they come from a Secret or ConfigMap that the guide makes, with the file’s name', () => {
      for (const variable of filesOf(name)) {
        const { secret, configMap } = volumeOf(paths[variable]!)!;
        const made = secret === undefined ? `configmap ${configMap!.name}` : `secret generic ${secret.secretName}`;
        const command = guide.split('\n').find((line) => line.includes(`create ${made} `));
        expect([variable, command]).toEqual([variable, expect.stringContaining(basename(paths[variable]!))]);
      }
    });

    test('the keys are mounted so that this user may read them, and take them for private', () => {
      const keys = filesOf(name).filter((variable) => volumeOf(paths[variable]!)!.secret !== undefined);
      for (const variable of keys) {
        const { secret } = volumeOf(paths[variable]!)!;
        expect([variable, readAs(pod.securityContext, mountedSecret(secret!, pod.securityContext))]).toEqual([
          variable,
          { text: 'key' },
        ]);
      }
    });
  });
});

/** As the kubelet mounts a Secret: root's, by links, and with an fsGroup that group's too, to read (0400 becomes 0440). */
function mountedSecret({ defaultMode = 0o644 }: { defaultMode?: number }, { fsGroup }: { fsGroup?: number }): string {
  const folder = mkdtempSync(join(tmpdir(), 'order-provisioning-secret-'));
  folders.push(folder);
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, '..data'), { mode: 0o755 });
  const file = join(folder, '..data', 'key');
  writeFileSync(file, 'key');
  if (isRoot) chownSync(file, 0, fsGroup ?? 0);
  chmodSync(file, fsGroup === undefined ? defaultMode : defaultMode | 0o440);
  symlinkSync(join('..data', 'key'), join(folder, 'key'));
  return join(folder, 'key');
}

const isRoot = process.geteuid?.() === 0;
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** What the process of this user gets of a file. Only root can become another; anybody else has the mode judged as root's file. */
function readAs({ runAsUser, fsGroup, runAsGroup }: Identity, file: string): ReturnType<typeof readPrivateFile> {
  if (!isRoot) {
    const fault = accessFault({ uid: 0, mode: statSync(file).mode });
    return fault === undefined ? { text: readFileSync(file, 'utf8') } : { fault };
  }
  const groups = process.getgroups!();
  process.setgroups!(fsGroup === undefined ? [] : [fsGroup]);
  process.setegid!(runAsGroup);
  process.seteuid!(runAsUser);
  try {
    return readPrivateFile(file);
  } finally {
    process.seteuid!(0);
    process.setegid!(0);
    process.setgroups!(groups);
  }
}

describe('with Compose', () => {
  const installed = ['listener-1', 'listener-2', 'worker', 'portal'];
  const onHost = Object.fromEntries(FILE_VARIABLES.map((name) => [name, `/srv/keys/${name}`]));

  test.each(installed)('%s is given what .env names, where its variable says', (name) => {
    const { services, secrets, configs } = composeFile(onHost);
    const { environment = {}, secrets: given = [], configs: files = [] } = services[name]!;
    const mounted = new Map([
      ...given.map((source) => [`/run/secrets/${source}`, secrets[source]?.file] as const),
      ...files.map(({ source, target }) => [target, configs[source]?.file] as const),
    ]);
    const reached = FILE_VARIABLES.filter((variable) => environment[variable] !== undefined);
    expect(reached.toSorted()).toEqual(filesOf(name));
    for (const variable of reached) {
      expect([variable, mounted.get(environment[variable]!)]).toEqual([variable, onHost[variable]]);
    }
    // And no other process's keys.
    expect(mounted.size).toBe(reached.length);
  });

  test.each(installed)('%s starts where .env names none', (name) => {
    const { services, secrets, configs } = composeFile();
    const { environment = {} } = services[name]!;
    expect(filesOf(name).map((variable) => environment[variable])).toEqual(filesOf(name).map(() => ''));
    expect(Object.values({ ...secrets, ...configs }).filter(({ file }) => file !== '/dev/null')).toEqual([]);
    expect(temporalTarget(environment).connection).toEqual({ address: 'temporal:7233' });
  });

  test('a variable that lost its file is told of, not taken for an empty key', () => {
    const worker = composeFile().services['worker']!;
    const environment = { ...worker.environment, SF_USERNAME: 'u', SF_PRIVATE_KEY_FILE: '/dev/null' };
    expect(complaintsOf(worker.command!, environment)).toMatch(/SF_PRIVATE_KEY_FILE names a file that others/);
  });
});
