import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

/** No way led to a program that is needed; the message says what was tried and what a person can do. */
export class ProgramMissing extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProgramMissing';
  }
}

type Program = 'temporal' | 'time-skipping' | 'redis-server' | 'toxiproxy' | 'promtool' | 'chromium';

/** A program that was found stays where it is; asking again would only cost a process. */
const found = new Map<Program, string>();

/**
 * Where a program is. It is set up first when that takes something (progress goes to stderr). The knowledge lives in
 * scripts/find.mjs, which also has to work before the node packages are there.
 * @throws ProgramMissing
 */
export async function findProgram(name: Program): Promise<string> {
  const path = found.get(name) ?? (await ask(name));
  found.set(name, path);
  return path;
}

async function ask(name: Program): Promise<string> {
  const child = spawn(process.execPath, [join(checkout(), 'scripts', 'find.mjs'), name], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let answer = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (answer += text));
  // Progress is for now, the rest is the message of a failure.
  const told: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.startsWith('[setup]')) process.stderr.write(`${line}\n`);
    else told.push(line);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new ProgramMissing(told.join('\n').trim());
  return (JSON.parse(answer.trim().split('\n').at(-1) ?? '') as { path: string }).path;
}

/** The sandbox runs from its sources and, compiled, from dist: the scripts are beside package.json in either case. */
function checkout(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'scripts', 'find.mjs'))) return folder;
  }
  throw new ProgramMissing('scripts/find.mjs is not part of this installation.');
}
