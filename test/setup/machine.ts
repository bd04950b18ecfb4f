import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPTS = join(__dirname, '..', '..', 'scripts');

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * A machine as the set-up sees it: a home folder, a cache folder, and a PATH with nothing on it but what a test puts there
 * (and `/bin/sh`'s few words, which are not looked up on PATH).
 */
export class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), 'order-provisioning-machine-'));
  readonly bin = join(this.folder, 'bin');
  readonly cache = join(this.folder, 'cache');

  constructor() {
    mkdirSync(this.bin);
    // The scripts start node itself by its own path; the programs below are shell scripts that need these.
    for (const tool of ['sh', 'mkdir', 'cp', 'cat', 'dirname', 'sleep'])
      symlinkSync(`/bin/${tool}`, join(this.bin, tool));
  }

  /** Puts a shell script on PATH, or elsewhere. @returns its path */
  program(name: string, script: string, folder = this.bin): string {
    const path = join(folder, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  find(program: string, env: Record<string, string> = {}): Promise<Outcome> {
    return this.node([join(SCRIPTS, 'find.mjs'), program], env);
  }

  /** Runs a module that may import from `scripts/setup` by the name of the file. */
  module(source: string, ...args: string[]): Promise<Outcome> {
    const absolute = source.replaceAll("from './", `from '${join(SCRIPTS, 'setup')}/`);
    return this.node(['--input-type=module', '--eval', absolute, ...args], {});
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async node(args: string[], env: Record<string, string>): Promise<Outcome> {
    const child = spawn(process.execPath, args, {
      env: { PATH: this.bin, HOME: this.folder, ORDER_PROVISIONING_CACHE: this.cache, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const outcome: Outcome = { code: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
    outcome.code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return outcome;
  }
}
