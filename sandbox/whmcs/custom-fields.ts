import { unserialize } from 'php-serialize';

/**
 * Decodes what AddOrder and UpdateClientProduct take as `customfields`: base64 of a PHP-serialized map from custom field id
 * to value (developers.whmcs.com, AddOrder). String lengths are counted in bytes. Anything that PHP's unserialize would
 * refuse decodes to nothing at all, and WHMCS goes on without custom fields and without an error.
 */
export function decodeCustomFields(encoded: string): Map<number, string> {
  const fields = new Map<number, string>();
  const serialized = Buffer.from(encoded, 'base64').toString('utf8');
  if (!/^a:\d+:\{/.test(serialized)) return fields;
  let map: unknown;
  try {
    map = unserialize(serialized, {}, { strict: true });
  } catch {
    return fields;
  }
  if (typeof map !== 'object' || map === null) return fields;
  for (const [id, value] of Object.entries(map as Record<string, unknown>)) {
    if (!/^\d+$/.test(id)) continue;
    if (typeof value === 'string') fields.set(Number(id), value);
    else if (typeof value === 'number' || typeof value === 'bigint') fields.set(Number(id), String(value));
    else if (typeof value === 'boolean') fields.set(Number(id), value ? '1' : '');
  }
  return fields;
}
