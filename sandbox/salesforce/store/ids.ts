/**
 * Record ids: key prefix (3), a pod's mark (2), a reserved digit and a base-62 counter (9), and the 3-character
 * suffix that encodes the case of the first 15 (SOAP API Developer Guide, "ID Field Type").
 */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SUFFIX = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/** Where counters begin: past the ids of any real record in a person's memory, and with letters of both cases. */
const FIRST = 62n ** 6n * 11n + 62n ** 4n * 37n;

/** The 18-character form of a 15-character id. */
export function widenId(id15: string): string {
  let suffix = '';
  for (let chunk = 0; chunk < 15; chunk += 5) {
    let bits = 0;
    for (let i = 0; i < 5; i++) if (/[A-Z]/.test(id15.charAt(chunk + i))) bits |= 1 << i;
    suffix += SUFFIX.charAt(bits);
  }
  return id15 + suffix;
}

/** The 18-character form of an id of 15 or 18 characters; undefined when `text` is not an id or its suffix is wrong. */
export function normaliseId(text: string): string | undefined {
  if (!/^[0-9A-Za-z]{15}([0-9A-Za-z]{3})?$/.test(text)) return undefined;
  const id = widenId(text.slice(0, 15));
  return text.length === 15 || id.slice(15) === text.slice(15).toUpperCase() ? id : undefined;
}

function base62(value: bigint, width: number): string {
  let text = '';
  for (let rest = value; rest > 0n; rest /= 62n) text = DIGITS.charAt(Number(rest % 62n)) + text;
  return text.padStart(width, '0');
}

/** Gives out ids, a counter for each key prefix, from `offset` on. `podMark` tells orgs apart. */
export class IdSequence {
  readonly #next = new Map<string, bigint>();

  constructor(
    private readonly podMark = 'Qy',
    private readonly offset = 0n,
  ) {}

  next(keyPrefix: string): string {
    const serial = this.#next.get(keyPrefix) ?? FIRST + this.offset;
    this.#next.set(keyPrefix, serial + 1n);
    return widenId(`${keyPrefix}${this.podMark}0${base62(serial, 9)}`);
  }
}
