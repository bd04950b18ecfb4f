import { readFileSync } from 'node:fs';
import { DEFAULT_FIELDS, parseFields, type SalesforceFields } from '../salesforce/fields';

/** The field names that SF_FIELDS_FILE holds, or what is wrong with it, for a person. Without a file, the defaults. */
export function readFieldsFile(path: string | undefined): { fields: SalesforceFields } | { fault: string } {
  if (path === undefined) return { fields: DEFAULT_FIELDS };
  try {
    return { fields: parseFields(JSON.parse(readFileSync(path, 'utf8'))) };
  } catch (error) {
    // The parser quotes what it read, and the file may be another than was meant.
    if (error instanceof SyntaxError) return { fault: 'cannot be used: it holds no JSON' };
    return { fault: `cannot be used: ${error instanceof Error ? error.message : 'unreadable'}` };
  }
}
