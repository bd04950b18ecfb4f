import { execFile } from 'node:child_process';
import { join } from 'node:path';

const LOGGER = join(__dirname, '../../src/observability/logger.ts');

/** What a process writes that runs `script`, in which `log` is its logger, and how it ends. */
function run(script: string): Promise<{ code: number; messages: unknown[]; lines: Record<string, unknown>[] }> {
  const source = `const log = require(${JSON.stringify(LOGGER)}).createLogger('test', 'info'); ${script}`;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--require', 'tsx/cjs', '--eval', source],
      { maxBuffer: 1 << 26 },
      (_error, stdout) => {
        const written = stdout.split('\n').filter((line) => line !== '');
        const lines = written.map((line) => JSON.parse(line) as Record<string, unknown>);
        resolve({ code: child.exitCode ?? -1, messages: lines.map(({ msg }) => msg), lines });
      },
    );
  });
}

/** What is written waits for other lines, up to 20 ms; no way to end may come between. */
describe('a process that ends writes all that it logged', () => {
  const lines = Array.from({ length: 2_000 }, (_, n) => `line ${n}`);
  const logAll = 'for (let n = 0; n < 2000; n++) log.info(`line ${n}`);';

  it.each([
    ['by itself', '', 0],
    ['by process.exit', 'process.exit(3);', 3],
    ['by an error that nobody catches', 'throw new Error("a defect");', 1],
    ['by a rejection that nobody catches', 'Promise.reject(new Error("a defect"));', 1],
  ])('%s', async (_how, end, code) => {
    expect(await run(`${logAll} ${end}`)).toMatchObject({ code, messages: lines });
  });

  it('line by line over many turns, in order', async () => {
    const turns =
      'let n = 0; const next = () => { log.info(`line ${n}`); if (++n < 2000) setImmediate(next); }; next();';
    expect(await run(turns)).toMatchObject({ code: 0, messages: lines });
  });
});

describe('what may not be told is not written', () => {
  const secret = 'a-secret-value';
  const held = { token: secret, id: 1 };

  it.each([
    ['by its own name', { password: secret, orderId: '801' }, { password: '[redacted]', orderId: '801' }],
    ['one level down', { about: held }, { about: { token: '[redacted]', id: 1 } }],
    ['two levels down', { about: { of: held } }, { about: { of: { token: '[redacted]', id: 1 } } }],
    ['in a list', { list: [held, 7] }, { list: [{ token: '[redacted]', id: 1 }, 7] }],
    [
      'a whole record',
      { payload: { Name: secret }, fields: [secret] },
      { payload: '[redacted]', fields: '[redacted]' },
    ],
    ['where nothing is', { topic: '/data/X', orderIds: ['801'], none: null }, { orderIds: ['801'], none: null }],
  ])('%s', async (_where, logged, written) => {
    const { lines } = await run(`const o = ${JSON.stringify(logged)}; log.info(o, 'm'); log.info(o, 'again');`);
    expect(lines).toMatchObject([written, written]);
    expect(JSON.stringify(lines)).not.toContain(secret);
  });

  it('of an error nothing but what describes it', async () => {
    const { lines } = await run(
      `const error = Object.assign(new Error('refused'), { code: 'E1', token: '${secret}', body: '${secret}' });
       log.warn({ err: error }, 'm'); log.error(error); log.warn({ err: { body: '${secret}' } }, 'm');`,
    );
    expect(lines).toMatchObject([
      { err: { type: 'Error', code: 'E1', message: 'refused' } },
      { err: { type: 'Error', code: 'E1', message: 'refused' }, msg: 'refused' },
      { err: { type: 'object' } },
    ]);
    expect(JSON.stringify(lines)).not.toContain(secret);
  });
});
