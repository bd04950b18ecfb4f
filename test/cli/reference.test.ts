import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { completionScript, SHELLS } from '../../src/cli/completion';
import { createProgram } from '../../src/cli/program';
import { cliReference } from '../../src/cli/reference';
import { examplesOf } from '../../src/cli/verb';

const program = () => createProgram(() => Promise.resolve());
const VERBS = [
  'status',
  'list',
  'watch',
  'reprovision',
  'cancel',
  'reconcile',
  'invalidate',
  'dead-letters',
  'checkpoint',
  'doctor',
  'completion',
];

test('docs/cli.md is in step with the definitions', () => {
  const written = readFileSync(join(__dirname, '..', '..', 'docs', 'cli.md'), 'utf8');
  expect(written).toBe(cliReference());
});

test('every verb is there, says what it does, and has an example', () => {
  const { commands } = program();
  expect(commands.map((command) => command.name())).toEqual(VERBS);
  for (const command of commands) {
    expect(command.summary()).not.toBe('');
    expect(command.description()).not.toBe('');
    expect(examplesOf(command).length).toBeGreaterThan(0);
    // An example that no longer parses would mislead.
    for (const [line] of examplesOf(command)) {
      const words = [...line.matchAll(/"([^"]*)"|([^\s">]+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
      const known = words.filter((word) => word.startsWith('--')).map((word) => word.slice(2));
      const all = [command, ...command.commands].flatMap((each) => each.options.map((option) => option.name()));
      for (const name of known) expect([...all, 'json', 'yes']).toContain(name);
    }
  }
});

test('through npm, as the page says, stdout is the answer alone', () => {
  const root = join(__dirname, '..', '..');
  const [, line = ''] = /`npm (run --silent orders -- )<verb>`/.exec(cliReference()) ?? [];
  const args = [...line.trim().split(' '), 'completion', 'bash', '--json'];
  const ran = spawnSync('npm', args, { cwd: root, encoding: 'utf8' });
  expect(JSON.parse(ran.stdout)).toEqual({ shell: 'bash', script: completionScript('bash', program()) });
});

describe('completion', () => {
  it.each(SHELLS)('names every verb and the phases for %s', (shell) => {
    const script = completionScript(shell, program());
    for (const word of [...VERBS, 'AwaitingReprovision', 'discard']) expect(script).toContain(word);
  });

  it.each([
    ['', ['status', 'dead-letters']],
    ['list --phase ', ['AwaitingReprovision', 'Activated']],
    ['dead-letters ', ['list', 'retry', 'discard']],
    ['list --l', ['--limit']],
  ])('completes "orders %s" in bash', (line, wanted) => {
    const words = ['orders', ...line.split(' ')];
    const script = `${completionScript('bash', program())}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _orders; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const ran = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(ran.stderr).toBe('');
    expect(ran.stdout.trim().split('\n')).toEqual(expect.arrayContaining(wanted));
  });
});
