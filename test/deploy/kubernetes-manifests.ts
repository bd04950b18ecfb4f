import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { ROOT } from './compose-file';

/** What deploy/kubernetes holds, as its kustomization has it. */
export const FOLDER = join(ROOT, 'deploy', 'kubernetes');
export const kustomization = parse(readFileSync(join(FOLDER, 'kustomization.yaml'), 'utf8')) as {
  resources: string[];
  configMapGenerator: { name: string; envs: string[] }[];
  images: { name: string }[];
};

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: Record<string, unknown>;
}
export const manifests = kustomization.resources.flatMap((file) =>
  parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')).map((document) => document.toJS() as Manifest),
);
export const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);

export interface Container {
  image: string;
  command: string[];
  env: { name: string; value: string }[];
  envFrom: { configMapRef?: { name: string }; secretRef?: { name: string; optional?: boolean } }[];
  ports: { name: string; containerPort: number }[];
  livenessProbe: Probe;
  readinessProbe: Probe;
  startupProbe: Probe;
  securityContext: unknown;
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
  lifecycle?: unknown;
}
interface Probe {
  httpGet: { path: string; port: string };
}
export interface Pod {
  terminationGracePeriodSeconds: number;
  securityContext: Identity;
  containers: [Container];
  volumes: Volume[];
}
export interface Identity {
  runAsUser: number;
  runAsGroup: number;
  fsGroup?: number;
}
export interface Volume {
  name: string;
  secret?: { secretName: string; defaultMode?: number; optional?: boolean };
  configMap?: { name: string; optional?: boolean };
}
export interface Deployment {
  replicas: number;
  selector: { matchLabels: Record<string, string> };
  template: { metadata: { labels: Record<string, string> }; spec: Pod };
}
export const deployments = ofKind('Deployment').map(
  ({ metadata, spec }) => [metadata.name, spec as unknown as Deployment] as const,
);
