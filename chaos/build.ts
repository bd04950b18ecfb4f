import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import type { Mutant } from './mutant';

const ROOT = join(__dirname, '..');

/** The product as a container runs it: compiled, the workflow code in one piece. */
export interface Build {
  folder: string;
  remove(): void;
}

/** @throws Error with what the build wrote */
export function buildProduct(): Promise<Build> {
  return inFolder(async (folder) => {
    await node(['--require', 'tsx/cjs', join(ROOT, 'scripts', 'build.ts'), '--out-dir', folder]);
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  });
}

/**
 * A copy of the build in folder `sound` in which some files are compiled from a changed source.
 * @throws Error where an edit no longer fits the source: a mutant that changes nothing proves nothing
 */
export function buildMutant(sound: string, { name, edits }: Pick<Mutant, 'name' | 'edits'>): Promise<Build> {
  return inFolder(async (folder) => {
    cpSync(sound, folder, { recursive: true, verbatimSymlinks: true });
    const sources = new Map<string, string>();
    for (const { file, find, replace } of edits) {
      const source = sources.get(file) ?? readFileSync(join(ROOT, file), 'utf8');
      if (source.split(find).length !== 2) throw new Error(`The mutant "${name}" does not fit ${file}: ${find}`);
      sources.set(
        file,
        source.replace(find, () => replace),
      );
    }
    for (const [file, source] of sources) {
      const { code } = transformSync(source, {
        filename: file,
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
      });
      writeFileSync(join(folder, file.replace(/\.ts$/, '.js')), code);
    }
    if ([...sources.keys()].some((file) => /^src\/(workflows|domain)\//.test(file))) {
      await node([join(__dirname, 'rebundle.cjs'), folder]);
    }
  });
}

async function inFolder(make: (folder: string) => Promise<void>): Promise<Build> {
  const folder = mkdtempSync(join(tmpdir(), 'order-provisioning-build-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    await make(folder);
    return { folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function node(args: string[]): Promise<void> {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`The build failed:\n${output}`))));
  });
}
