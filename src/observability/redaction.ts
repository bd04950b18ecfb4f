/** Names under which a secret or personal data could ever be logged by mistake. Their values are never written. */
const REDACTED = new Set([
  'accessToken',
  'access_token',
  'authorization',
  'secret',
  'clientSecret',
  'privateKey',
  'password',
  'token',
  'payload',
  'fields',
]);
const CENSOR = '[redacted]';
/** As deep as anything is logged. */
const DEPTH = 3;

/**
 * The same object where nothing is to be kept from a log line, which is nearly always: nothing is copied then. Not the logger's own
 * redaction, whose paths with wildcards cost fifteen times what they are to guard. `leave`: keys whose values somebody else makes safe.
 */
export function withoutSecrets(
  object: Record<string, unknown>,
  leave: ReadonlySet<string>,
  depth = DEPTH,
): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(object)) {
    const value = object[key];
    const safe = REDACTED.has(key) ? CENSOR : leave.has(key) ? value : safeValue(value, depth - 1);
    if (safe === value) continue;
    copy ??= { ...object };
    copy[key] = safe;
  }
  return copy ?? object;
}

const NONE: ReadonlySet<string> = new Set();

function safeValue(value: unknown, depth: number): unknown {
  if (depth === 0 || typeof value !== 'object' || value === null) return value;
  if (!Array.isArray(value)) return withoutSecrets(value as Record<string, unknown>, NONE, depth);
  const items = value.map((item) => safeValue(item, depth - 1));
  return items.some((item, index) => item !== value[index]) ? items : value;
}
