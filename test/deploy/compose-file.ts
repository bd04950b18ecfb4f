import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ROOT = join(__dirname, '..', '..');

export interface Service {
  image?: string;
  build?: { context: string; target: string };
  profiles?: string[];
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  env_file?: { path: string; required: boolean }[];
  network_mode?: string;
  ports?: string[];
  volumes?: string[];
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  stop_grace_period?: string;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  secrets?: string[];
  configs?: { source: string; target: string }[];
}

export interface ComposeFile {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  secrets: Record<string, { file: string }>;
  configs: Record<string, { file: string }>;
}

/** docker-compose.yml as Compose reads it: merge keys resolved, `${NAME:-default}` filled from `environment`, `$$` a dollar. */
export function composeFile(environment: Record<string, string> = {}): ComposeFile {
  const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
  return interpolated(parse(text, { merge: true }), environment) as ComposeFile;
}

function interpolated(value: unknown, environment: Record<string, string>): unknown {
  if (typeof value === 'string') return interpolate(value, environment);
  if (Array.isArray(value)) return value.map((item) => interpolated(item, environment));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, interpolated(part, environment)]));
}

/** The forms that the file uses: `${NAME:-default}`, whose default may hold others, `${NAME:+instead}`, and `$$`. @throws Error at any other */
export function interpolate(text: string, environment: Record<string, string>): string {
  const innermost = /\$\{([A-Z_]+):([-+])([^${}]*)\}/;
  let rest = text.replaceAll('$$', '\u0000');
  while (innermost.test(rest)) {
    rest = rest.replace(innermost, (_all, name: string, form: string, other: string) => {
      const value = environment[name] ?? '';
      if (form === '+') return value === '' ? '' : other;
      return value === '' ? other : value;
    });
  }
  if (rest.includes('$')) throw new Error(`Not a form of interpolation that this knows: ${text}`);
  return rest.replaceAll('\u0000', '$');
}

/** `NAME=value` lines; comments and empty lines are left out. */
export function envFile(...path: string[]): Record<string, string> {
  const lines = readFileSync(join(ROOT, ...path), 'utf8').split('\n');
  const pairs = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split(/=(.*)/s).slice(0, 2));
  return Object.fromEntries(pairs as [string, string][]);
}

/** Values a person might fill in for the names that an example leaves empty. */
export function filledIn(example: Record<string, string>): Record<string, string> {
  const plausible = (name: string): string => {
    if (name === 'REDIS_URL') return 'rediss://:secret@redis.example.com:6380';
    return name.endsWith('_URL') ? 'https://vendor.example.com/path' : 'filled-in-by-a-person';
  };
  return Object.fromEntries(
    Object.entries(example).map(([name, value]) => [name, value === '' ? plausible(name) : value]),
  );
}
