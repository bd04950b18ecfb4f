import { execFile } from 'node:child_process';
import { join } from 'node:path';

const LOGGER = join(__dirname, '../../src/observability/logger.ts');

/** What a process writes that runs `script`, in which `log` is its logger, and how it ends. */
function run(script: string): Promise<{ code: number; messages: unknown[] }> {
  const source = `const log = require(${JSON.stringify(LOGGER)}).createLogger('test', 'info'); ${script}`;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--require', 'tsx/cjs', '--eval', source],
      { maxBuffer: 1 << 26 },
      (_error, stdout) => {
        const lines = stdout.split('\n').filter((line) => line !== '');
        const messages = lines.map((line) => (JSON.parse(line) as { msg: unknown }).msg);
        resolve({ code: child.exitCode ?? -1, messages });
      },
    );
  });
}

/** What is written waits for the end of a turn of the event loop; no way to end may come between. */
describe('a process that ends writes all that it logged', () => {
  const lines = Array.from({ length: 2_000 }, (_, n) => `line ${n}`);
  const logAll = 'for (let n = 0; n < 2000; n++) log.info(`line ${n}`);';

  it.each([
    ['by itself', '', 0],
    ['by process.exit', 'process.exit(3);', 3],
    ['by an error that nobody catches', 'throw new Error("a defect");', 1],
    ['by a rejection that nobody catches', 'Promise.reject(new Error("a defect"));', 1],
  ])('%s', async (_how, end, code) => {
    expect(await run(`${logAll} ${end}`)).toEqual({ code, messages: lines });
  });

  it('line by line over many turns, in order', async () => {
    const turns =
      'let n = 0; const next = () => { log.info(`line ${n}`); if (++n < 2000) setImmediate(next); }; next();';
    expect(await run(turns)).toEqual({ code: 0, messages: lines });
  });
});
