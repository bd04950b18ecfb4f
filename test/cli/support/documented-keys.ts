import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The members that docs/cli.md names for the `--json` document of a verb, those of its lists left out. */
export function documentedKeys(verb: string): string[] {
  const text = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'cli.md'), 'utf8');
  const section = text.split(/^##+ /m).find((part) => part.startsWith(`${verb}\n`)) ?? '';
  const shape = /^JSON: `\{(.*?)\}`/m.exec(section)?.[1] ?? '';
  return shape
    .replaceAll(/\[.*?\]/g, '')
    .split(',')
    .map((member) => member.replace(/:.*/, '').trim())
    .sort();
}
