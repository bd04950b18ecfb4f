import { readFileSync } from 'node:fs';
import { ConfigurationError } from './load';

/** The JSON of SF_FIELDS_FILE as `parse` reads it. @throws ConfigurationError */
export function readFieldsFile<T>(path: string | undefined, fallback: T, parse: (json: unknown) => T): T {
  if (path === undefined) return fallback;
  try {
    return parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new ConfigurationError([
      `SF_FIELDS_FILE cannot be used: ${error instanceof Error ? error.message : 'unreadable'}`,
    ]);
  }
}
