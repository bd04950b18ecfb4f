import { readdirSync } from 'node:fs';
import { PublishedTypes, publishedFile } from '../support/published-types';
import { envFile, filledIn } from './compose-file';
import { deployments, FOLDER, kustomization, manifests, ofKind } from './kubernetes-manifests';
import { complaintsOf, isRead } from './variables';

/** deploy/kubernetes by the types that Kubernetes publishes (its OpenAPI, as kubernetes-types), and by what it is there for. */
/** `apps/v1` is in `apps/v1.d.ts`; `networking.k8s.io/v1` in `networking/v1.d.ts`; the core group has no name. */
const moduleOf = (apiVersion: string) =>
  apiVersion === 'v1' ? 'core/v1.d.ts' : `${apiVersion.replace('.k8s.io', '')}.d.ts`;
const modules = new Map<string, PublishedTypes>();
function typesOf(apiVersion: string): PublishedTypes {
  const known = modules.get(apiVersion);
  if (known !== undefined) return known;
  const types = new PublishedTypes(publishedFile('kubernetes-types', moduleOf(apiVersion)), 'json');
  modules.set(apiVersion, types);
  return types;
}

test.each(manifests.map((one) => [`${one.kind} ${one.metadata.name}`, one] as const))(
  '%s has the published shape',
  (_title, manifest) => {
    expect(typesOf(manifest.apiVersion).faults(manifest.kind, manifest)).toEqual([]);
  },
);

test('the check sees unknown and wrong members', () => {
  const service = ofKind('Service')[0]!;
  const faults = (spec: object) => typesOf('v1').faults('Service', { ...service, spec });
  expect(faults({ selctor: {} })).toEqual(['Service.spec.selctor is not known']);
  expect(faults({ ports: [{ port: '80' }] })).toHaveLength(1);
});

test('every manifest in the folder is applied', () => {
  const there = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml');
  expect(kustomization.resources.toSorted()).toEqual(there.sort());
});

test('listener, worker and portal are deployed, each with a disruption budget that leaves one', () => {
  expect(deployments.map(([name]) => name).sort()).toEqual(['listener', 'portal', 'worker']);
  for (const [name, { replicas, selector, template }] of deployments) {
    expect(replicas).toBe(2);
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
    const budget = ofKind('PodDisruptionBudget').find(({ metadata }) => metadata.name === name);
    // By default a pod that is not ready may not be evicted: with a vendor away no node could be drained.
    expect(budget?.spec).toEqual({ minAvailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector });
  }
});

test('who may come in: the namespace that scrapes to every process, and the cluster to the portal alone', () => {
  interface Policy {
    podSelector: { matchLabels: Record<string, string> };
    policyTypes: string[];
    ingress: { from: { namespaceSelector: { matchLabels?: Record<string, string> } }[]; ports: { port: string }[] }[];
  }
  const policies = ofKind('NetworkPolicy').map(({ spec }) => spec as unknown as Policy);
  for (const [name, { template }] of deployments) {
    const { labels } = template.metadata;
    const selecting = policies.filter(({ podSelector }) =>
      Object.entries(podSelector.matchLabels).every(([label, value]) => labels[label] === value),
    );
    expect(selecting.flatMap(({ policyTypes }) => policyTypes)).toContain('Ingress');
    const rules = selecting.flatMap(({ ingress }) => ingress);
    expect(rules.flatMap(({ ports }) => ports).filter(({ port }) => port !== 'http')).toEqual([]);
    const from = rules.flatMap(({ from: peers }) =>
      peers.map(({ namespaceSelector }) => namespaceSelector.matchLabels),
    );
    const scraping = { 'kubernetes.io/metadata.name': 'monitoring' };
    expect([name, from]).toEqual([name, name === 'portal' ? [scraping, undefined] : [scraping]]);
  }
});

describe.each(deployments)('%s', (name, { template: { spec: pod } }) => {
  const [container] = pod.containers;

  test('is probed where the process answers', () => {
    const { livenessProbe, readinessProbe, startupProbe, ports, env } = container;
    const probed = [livenessProbe, startupProbe, readinessProbe].map(({ httpGet }) => httpGet);
    expect(probed).toEqual(['/healthz', '/healthz', '/readyz'].map((path) => ({ path, port: 'http' })));
    const port = env.find((one) => one.name === 'HTTP_PORT')?.value;
    expect(ports).toEqual([{ name: 'http', containerPort: Number(port) }]);
    expect(env).toContainEqual({ name: 'HTTP_HOST', value: '0.0.0.0' });
  });

  test('has longer to stop than it takes', () => {
    // src/processes/run.ts ends by force after 15 s; a preStop hook of 5 s counts as well.
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(container.lifecycle === undefined ? 15 : 20);
  });

  test('runs as nobody in particular, on a file system that it cannot write to', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const written = container.volumeMounts.filter(({ readOnly }) => readOnly !== true);
    expect(written.map(({ mountPath }) => mountPath)).toEqual(['/tmp']);
  });

  test('gets every variable that it needs, and no other process’s secret', () => {
    const examples = container.envFrom.map(({ configMapRef, secretRef }) =>
      configMapRef === undefined
        ? envFile('deploy', 'kubernetes', 'secrets', `${secretRef!.name}.example.env`)
        : envFile('deploy', 'kubernetes', kustomization.configMapGenerator[0]!.envs[0]!),
    );
    const literal = Object.fromEntries(container.env.map(({ name: variable, value }) => [variable, value]));
    const environment = Object.fromEntries([...examples, literal].flatMap((part) => Object.entries(part)));
    expect(Object.keys(environment).filter((variable) => !isRead(variable))).toEqual([]);
    expect(complaintsOf(container.command, filledIn(environment))).toBe('');
    expect('WHMCS_API_SECRET' in environment).toBe(name === 'worker');
    expect('PORTAL_TOKEN' in environment).toBe(name === 'portal');
  });

  test('may have a Redis user of its own: the last Secret that it reads is no other’s', () => {
    const own = container.envFrom.at(-1)!.secretRef!;
    const readers = deployments.filter(([, { template }]) =>
      template.spec.containers[0].envFrom.some(({ secretRef }) => secretRef?.name === own.name),
    );
    expect(readers.map(([reader]) => reader)).toEqual([name]);
    // The guide has the others made, whatever the installation.
    expect(own.optional ?? false).toBe(name === 'listener');
  });

  test('takes the image that the kustomization names', () => {
    expect(kustomization.images.map((image) => image.name)).toEqual([container.image]);
  });
});
