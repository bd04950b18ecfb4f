import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadListenerConfig, loadPortalConfig, loadWorkerConfig } from '../../src/config';
import * as groups from '../../src/config/variables';

const OWN = new Set(Object.values(groups).flatMap((group) => Object.keys(group)));

/** Whether a process reads the variable: one of src/config/variables.ts, or one that Temporal's client or Node.js reads. */
export function isRead(name: string): boolean {
  return OWN.has(name) || /^TEMPORAL_[A-Z_]+$/.test(name) || name === 'NODE_ENV' || name === 'NODE_EXTRA_CA_CERTS';
}

/** The variables that name a file, of Temporal's client and of ours, as .env.example has them; and Node.js's own. */
export const FILE_VARIABLES: readonly string[] = [
  ...readFileSync(join(__dirname, '..', '..', '.env.example'), 'utf8').matchAll(/^#?([A-Z_]+_(?:FILE|PATH))=/gm),
]
  .map(([, name = '']) => name)
  .concat('NODE_EXTRA_CA_CERTS');

const LOADERS: Record<string, (environment: Record<string, string>) => unknown> = {
  listener: loadListenerConfig,
  worker: loadWorkerConfig,
  portal: loadPortalConfig,
};

/** What the process of this start command says of an environment; empty where it would start. */
export function complaintsOf(command: string[], environment: Record<string, string>): string {
  const name = /processes\/(\w+)\.js$/.exec(command.at(-1) ?? '')?.[1] ?? '';
  const load = LOADERS[name];
  if (load === undefined) throw new Error(`No process is started by ${command.join(' ')}`);
  try {
    load(environment);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
