import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

/** A command as a page shows it. */
export interface ShownCommand {
  page: string;
  /** Without its comment; a loop is one command. */
  command: string;
}

const FOLDERS = ['docs', 'deploy', 'salesforce', 'sandbox', 'bench', 'chaos'];

const names = [
  ...readdirSync(ROOT),
  ...FOLDERS.filter((folder) => existsSync(join(ROOT, folder))).flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  ),
].filter((name) => name.endsWith('.md'));

/** Every page of the repository that people read. */
export const pages = names.sort().map((page) => ({ page, text: readFileSync(join(ROOT, page), 'utf8') }));

/** Every command in a fenced block of shell. */
export const fenced: ShownCommand[] = pages.flatMap(({ page, text }) =>
  [...text.matchAll(/^```(?:sh|bash|shell|console)\n(.*?)^```/gms)].flatMap(([, block = '']) =>
    commandsOf(block).map((command) => ({ page, command })),
  ),
);

/** Commands of ours that stand in running text. */
export const inline: ShownCommand[] = pages.flatMap(({ page, text }) =>
  [...text.replace(/^```.*?^```/gms, '').matchAll(/`((?:npm run|npm test|npx|orders) [^`\n]+)`/g)].map(
    ([, command = '']) => ({ page, command }),
  ),
);

function commandsOf(block: string): string[] {
  const commands: string[] = [];
  let open = '';
  for (const line of block.split('\n')) {
    const text = line.replace(/(^|\s)#\s.*$/, '').trimEnd();
    if (text.trim() === '') continue;
    open = open === '' ? text : `${open}\n${text}`;
    if (text.endsWith('\\') || (/^(for|while|if) /.test(open) && !/\n(done|fi)$/.test(open))) continue;
    commands.push(open);
    open = '';
  }
  return commands;
}

/** The words of a simple command, as a shell reads them; without expansions. */
export function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}
