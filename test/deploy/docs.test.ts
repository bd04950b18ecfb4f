import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { composeFile, ROOT } from './compose-file';
import { deployments } from './kubernetes-manifests';

const MAIN = join(ROOT, 'salesforce', 'force-app', 'main', 'default');

/** What the set-up guides send a reader to is there. */
const guides = ['docs/salesforce-setup.md', 'docs/deployment.md'].map(
  (path) => [path, readFileSync(join(ROOT, path), 'utf8')] as const,
);

test.each(guides)('%s: links and paths lead somewhere', (path, text) => {
  const links = [...text.matchAll(/\]\(([^)#:]+)[^)]*\)/g)].map(([, link = '']) => join(dirname(path), link));
  const named = [...text.matchAll(/\b((?:deploy|manifest|app-templates|test|docs)\/[\w./$-]*\w)/g)].map(
    ([, name = '']) => (/^(manifest|app-templates)\//.test(name) ? join('salesforce', name) : name),
  );
  const all = [...links, ...named].filter((name) => !name.includes('$') && !name.startsWith('deploy/worker'));
  expect(all.length).toBeGreaterThan(3);
  expect(all.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
});

test('the services and profiles that the deployment guide names exist', () => {
  const { services } = composeFile();
  const text = guides[1]![1];
  const executed = [...text.matchAll(/docker compose (?:exec|logs -f) (\S+?)`?[ .\n]/g)].map(([, name = '']) =>
    name.replace('`', ''),
  );
  expect(executed.length).toBeGreaterThan(1);
  expect(executed.filter((name) => !(name in services))).toEqual([]);
  const profiles = new Set(Object.values(services).flatMap(({ profiles: own = [] }) => own));
  const named = [...text.matchAll(/--profile (\w+)|COMPOSE_PROFILES=(\w+)/g)].map(([, a, b]) => a ?? b ?? '');
  expect(named.filter((name) => !profiles.has(name))).toEqual([]);
});

test('every Salesforce component that the set-up guide names exists', () => {
  const text = guides[0]![1];
  const sets = [...text.matchAll(/--name (\w+)/g)].map(([, name = '']) => name);
  expect(sets.length).toBeGreaterThan(1);
  expect(sets.filter((name) => !existsSync(join(MAIN, 'permissionsets', `${name}.permissionset-meta.xml`)))).toEqual(
    [],
  );
});

test.each(['docs/salesforce-setup.md', 'docs/cdc-or-dual.md'])(
  '%s: the flow, which a production org leaves inactive, is activated before the listeners leave it to the flow',
  (path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    const [deployed, activated, left] = [
      text.indexOf('package-dual.xml'),
      text.search(/In a production org the flow is deployed inactive\b[^]*?activate [^]*?in Setup, _Flows_/),
      text.indexOf('`SF_PROVISION_EVENT_CHANNEL=/event/', text.indexOf('package-dual.xml')),
    ];
    expect(deployed).toBeGreaterThan(0);
    expect(activated).toBeGreaterThan(deployed);
    expect(left).toBeGreaterThan(activated);
    const flow = readFileSync(join(ROOT, 'docs', 'salesforce-setup.md'), 'utf8').match(
      /activate `(\w+)` in Setup/,
    )?.[1];
    expect(existsSync(join(MAIN, 'flows', `${flow}.flow-meta.xml`))).toBe(true);
  },
);

test('the Secrets are filled in between their copy and their making, so a block may be pasted as a whole', () => {
  const blocks = [...guides[1]![1].matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block);
  const secretsOf = (made: RegExp) =>
    blocks.flatMap((block, index) => {
      const names = /^for name in (.*); do\n(.*)$/m.exec(block);
      return made.test(names?.[2] ?? '') ? [[index, names?.[1]] as const] : [];
    });
  const [copied, applied] = [secretsOf(/^ +install .*example\.env/), secretsOf(/^ +kubectl .* create secret /)];
  expect([copied.length, applied.length]).toEqual([1, 1]);
  expect(copied[0]![0]).toBeLessThan(applied[0]![0]);
  const needed = deployments.flatMap(([, { template }]) =>
    template.spec.containers[0].envFrom.flatMap(({ secretRef }) =>
      secretRef?.optional === true ? [] : (secretRef ?? []),
    ),
  );
  const wanted = [...new Set(needed.map(({ name }) => name))].sort();
  for (const [, names = ''] of [...copied, ...applied]) expect(names.split(' ').sort()).toEqual(wanted);
});
