import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './compose-file';

/** What the Dockerfile puts into /app, in a temporary folder: built as it builds, with the packages of this checkout. */
export class Image {
  private constructor(readonly app: string) {}

  static build(): Image {
    const app = mkdtempSync(join(tmpdir(), 'order-provisioning-image-'));
    const built = spawnSync('npm', ['run', 'build', '--', '--out-dir', join(app, 'dist')], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    if (built.status !== 0) throw new Error(`npm run build failed:\n${built.stdout}\n${built.stderr}`);
    for (const part of ['package.json', 'bin']) cpSync(join(ROOT, part), join(app, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(app, 'node_modules'));
    return new Image(app);
  }

  /** Runs a start command as a container would: in /app, with this environment and no other. */
  run([program = '', ...args]: readonly string[], environment: Record<string, string>): Container {
    const env = { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...runMark(), ...environment };
    return new Container(spawn(program, args, { cwd: this.app, env, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  remove(): void {
    rmSync(this.app, { recursive: true, force: true });
  }
}

/** What the test run finds processes left behind by. */
function runMark(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name.startsWith('ORDER_PROVISIONING_TEST')),
  ) as Record<string, string>;
}

export class Container {
  /** Both streams. */
  output = '';
  /** Exit code or signal. */
  readonly end: Promise<number | string>;

  constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.end = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    });
  }

  /** SIGTERM, as `docker stop` and the kubelet send it. */
  stop(): Promise<number | string> {
    this.child.kill('SIGTERM');
    return this.end;
  }
}
