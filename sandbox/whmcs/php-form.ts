/**
 * A form as PHP sees it. WHMCS is PHP: `pid[0]=1` is an array, repeated plain names keep the last value, and `pid=1,2`
 * is one string. Clients that send arrays in another way lose items without an error, so the emulator must parse alike.
 * Rules: php.net/manual/en/function.parse-str.php and language.variables.external.
 */

/** A PHP array: ordered, keys are strings here ("0" stands for the integer key 0). */
export type PhpArray = Map<string, PhpValue>;
export type PhpValue = string | PhpArray;

/** PHP's `max_input_vars`: variables beyond it are dropped with a warning that no client ever sees. */
export const MAX_INPUT_VARS = 1000;
/** PHP's `max_input_nesting_level`: a deeper variable is dropped. */
const MAX_NESTING = 64;

/**
 * Parses an `application/x-www-form-urlencoded` text the way `$_POST` is filled.
 * @param text the raw body, or a query string without its question mark
 */
export function parsePhpForm(text: string): PhpArray {
  const form: PhpArray = new Map();
  const pairs = text.split('&').filter((pair) => pair !== '');
  for (const pair of pairs.slice(0, MAX_INPUT_VARS)) {
    const at = pair.indexOf('=');
    const name = decode(at < 0 ? pair : pair.slice(0, at));
    const path = parseName(name);
    if (path !== undefined && path.length <= MAX_NESTING) assign(form, path, decode(at < 0 ? '' : pair.slice(at + 1)));
  }
  return form;
}

/** PHP's urldecode: `+` is a space, a broken escape stays as it is, bytes that are no UTF-8 become U+FFFD. */
function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    const bytes: number[] = [];
    for (let i = 0; i < spaced.length; i += 1) {
      const escape = /^%([0-9a-f]{2})/i.exec(spaced.slice(i, i + 3))?.[1];
      if (escape === undefined) bytes.push(...Buffer.from(spaced.charAt(i)));
      else {
        bytes.push(parseInt(escape, 16));
        i += 2;
      }
    }
    return Buffer.from(bytes).toString('utf8');
  }
}

/** `a[b][]` -> ['a', 'b', null]; null appends. Undefined for a name that PHP ignores. */
function parseName(raw: string): [string, ...(string | null)[]] | undefined {
  const name = raw.replace(/^ +/, '');
  const end = name.indexOf('\0');
  const clean = end < 0 ? name : name.slice(0, end);
  const open = clean.indexOf('[');
  const base = (open <= 0 ? clean : clean.slice(0, open)).replace(/[ .]/g, '_');
  if (base === '' || base.startsWith('[')) return undefined;
  if (open <= 0) return [base];
  const path: [string, ...(string | null)[]] = [base];
  let rest = clean.slice(open);
  while (rest.startsWith('[')) {
    const close = rest.indexOf(']');
    if (close < 0) {
      // An unclosed bracket is part of the name, as an underscore.
      return path.length === 1 ? [`${base}_${rest.slice(1).replace(/[ .]/g, '_')}`] : path;
    }
    const key = rest.slice(1, close).replace(/^ +/, '');
    path.push(key === '' ? null : key);
    rest = rest.slice(close + 1);
  }
  return path;
}

function assign(root: PhpArray, path: [string, ...(string | null)[]], value: string): void {
  let here = root;
  path.forEach((step, depth) => {
    const key = step ?? nextIndex(here);
    if (depth === path.length - 1) {
      here.set(key, value);
      return;
    }
    const found = here.get(key);
    if (found !== undefined && typeof found !== 'string') {
      here = found;
      return;
    }
    const next: PhpArray = new Map();
    here.set(key, next);
    here = next;
  });
}

function nextIndex(array: PhpArray): string {
  let next = 0;
  for (const key of array.keys()) if (/^(0|[1-9]\d*)$/.test(key)) next = Math.max(next, Number(key) + 1);
  return String(next);
}

/** PHP's `(int) $text`: the leading number, 0 if there is none. "1,2" is 1, "abc" is 0, "1e3" is 1000. */
export function phpInt(text: string): number {
  const match = /^[ \t\n\r\v\f]*([+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?)/i.exec(text);
  return match?.[1] === undefined ? 0 : Math.trunc(Number(match[1]));
}

/** PHP's `(float) $text`. */
export function phpFloat(text: string): number {
  const match = /^[ \t\n\r\v\f]*([+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?)/i.exec(text);
  return match?.[1] === undefined ? 0 : Number(match[1]);
}

/** PHP's `(bool) $text`: only "" and "0" are false, so "false" is true. */
export function phpBool(text: string): boolean {
  return text !== '' && text !== '0';
}
