import { phpBool, phpInt, type PhpArray, type PhpValue } from './php-form';

/** Names whose values are secrets: they are used and then forgotten, never kept in the ledger. */
const SECRET_NAMES = new Set([
  'identifier',
  'secret',
  'accesskey',
  'username',
  'password',
  'password2',
  'servicepassword',
  'rootpw',
]);

/** The request's parameters, read with PHP's casts. */
export class Params {
  constructor(private readonly form: PhpArray) {}

  /** True if the parameter was sent, even empty (WHMCS's `isInRequest`). */
  has(name: string): boolean {
    return this.form.has(name);
  }

  /** The parameter as text; "" if absent. An array where text is expected is "Array" in PHP, here "". */
  text(name: string): string {
    const value = this.form.get(name);
    return typeof value === 'string' ? value : '';
  }

  int(name: string): number {
    return phpInt(this.text(name));
  }

  flag(name: string): boolean {
    return phpBool(this.text(name));
  }

  isArray(name: string): boolean {
    return this.form.get(name) instanceof Map;
  }

  /** The parameter as an array key -> text. A plain value is an array of one, as WHMCS wraps it; nested arrays are dropped. */
  array(name: string): Map<string, string> {
    const value = this.form.get(name);
    if (value === undefined) return new Map();
    if (typeof value === 'string') return new Map([['0', value]]);
    const texts = new Map<string, string>();
    for (const [key, item] of value) if (typeof item === 'string') texts.set(key, item);
    return texts;
  }

  /** All parameters as plain JSON without credentials and passwords. */
  redacted(): Record<string, unknown> {
    const plain: Record<string, unknown> = {};
    for (const [name, value] of this.form) if (!SECRET_NAMES.has(name.toLowerCase())) plain[name] = toPlain(value);
    return plain;
  }
}

function toPlain(value: PhpValue): unknown {
  if (typeof value === 'string') return value;
  return Object.fromEntries([...value].map(([key, item]) => [key, toPlain(item)]));
}
