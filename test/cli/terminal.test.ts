import { PassThrough } from 'node:stream';
import { Cli } from '../../src/cli/cli';
import { confirm } from '../../src/cli/confirm';
import { CliFailure } from '../../src/cli/failure';
import { createProgram } from '../../src/cli/program';
import { freePort } from '../../sandbox/servers/free-port';
import { documentOf, orders } from './support/world';

/** What a person at a terminal sees and says, and what is different where there is none. */

describe('a question', () => {
  const CTRL_C = '\u0003';
  const CTRL_D = '\u0004';

  /** Asks, and gives what is done at the terminal once the question stands there. */
  async function ask(act: (keyboard: PassThrough) => void, isTTY = true): Promise<{ end: string; shown: string }> {
    const input = Object.assign(new PassThrough(), { isTTY });
    const output = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY, columns: 80 });
    let shown = '';
    output.on('data', (text: string) => {
      if (!shown.includes('[y/N]') && (shown + text).includes('[y/N]')) act(input);
      shown += text;
    });
    const end = await confirm({ question: 'Cancel it?' }, { input, output }).then(
      () => 'confirmed',
      (error: unknown) => (error instanceof CliFailure ? `${error.code} ${error.exitCode}` : String(error)),
    );
    return { end, shown };
  }

  it.each<[string, string, (keyboard: PassThrough) => void]>([
    ['y', 'confirmed', (keyboard) => keyboard.write('y\r')],
    ['Yes', 'confirmed', (keyboard) => keyboard.write('Yes\r')],
    ['Enter alone', 'DECLINED 1', (keyboard) => keyboard.write('\r')],
    ['no', 'DECLINED 1', (keyboard) => keyboard.write('no\r')],
    ['Ctrl-C', 'DECLINED 1', (keyboard) => keyboard.write(CTRL_C)],
    ['y and then Ctrl-C', 'DECLINED 1', (keyboard) => keyboard.write(`y${CTRL_C}`)],
    ['Ctrl-D', 'DECLINED 1', (keyboard) => keyboard.write(CTRL_D)],
    ['a terminal that goes away', 'DECLINED 1', (keyboard) => keyboard.end()],
  ])('answered by %s: %s', async (_what, end, act) => {
    expect(await ask(act)).toMatchObject({ end });
  });

  it('is asked of nobody where there is no terminal', async () => {
    expect(await ask(() => undefined, false)).toEqual({ end: 'CONFIRMATION_NEEDED 2', shown: '' });
  });
});

describe('colours', () => {
  /** `orders doctor --only redis` where no Redis is: a heading, and a failure in red. */
  async function shown(isTTY: boolean, environment: Record<string, string>): Promise<string> {
    let text = '';
    const sink = { isTTY, write: (part: string) => (text += part) };
    const env = { REDIS_URL: `redis://127.0.0.1:${await freePort()}`, ...environment };
    const program = createProgram(async (_command, body) => {
      await body(new Cli(env, false, sink, sink));
    });
    await program.parseAsync(['doctor', '--only', 'redis'], { from: 'user' });
    expect(text).toContain('Redis cannot be reached');
    return text;
  }
  const RED = '\u001b[31m';

  it('are for a terminal', async () => {
    expect(await shown(true, {})).toContain(RED);
    expect(await shown(true, { NO_COLOR: '' })).toContain(RED);
  });

  it.each<[string, boolean, Record<string, string>]>([
    ['a pipe', false, {}],
    ['a pipe, whatever FORCE_COLOR says', false, { FORCE_COLOR: '1' }],
    ['NO_COLOR', true, { NO_COLOR: '1' }],
    ['a terminal that knows none', true, { TERM: 'dumb' }],
  ])('are not for %s', async (_what, isTTY, environment) => {
    expect(await shown(isTTY, environment)).not.toContain('\u001b');
  });
});

it('a missing verb is told as such, to people by the help and to programs by one document', async () => {
  const [text, json] = await Promise.all([orders([], {}), orders(['--json'], {})]);
  expect(text).toMatchObject({ code: 2, stdout: '' });
  expect(text.stderr).toContain('Usage: orders');
  expect(json.code).toBe(2);
  expect(documentOf(json)).toEqual({
    error: { code: 'USAGE', message: 'No verb is given', advice: '`orders help` lists them.' },
  });
});
