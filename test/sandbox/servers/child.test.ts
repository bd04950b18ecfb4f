import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ChildFailed, startChild } from '../../../sandbox/servers/child';
import { eventually } from '../../support/eventually';

const node = (source: string): { command: string; args: string[] } => ({
  command: process.execPath,
  args: ['--eval', source],
});
const FOREVER = 'setInterval(() => {}, 1000);';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('it is ready when it says so, and gone when stopped', async () => {
  const child = await startChild({
    name: 'A server',
    ...node(`console.log('serving'); ${FOREVER}`),
    ready: (output) => output.includes('serving'),
  });
  expect(isAlive(child.pid)).toBe(true);
  await child.stop();
  expect(isAlive(child.pid)).toBe(false);
  expect(child.ended()).toBe('was ended by SIGTERM');
  await child.stop();
});

test('one that ignores SIGTERM is killed, with the processes it started', async () => {
  const stubborn = `process.on('SIGTERM', () => {}); ${FOREVER}`;
  const source = `
    const child = require('node:child_process').spawn(process.execPath, ['--eval', ${JSON.stringify(stubborn)}], { stdio: 'ignore' });
    console.log('grandchild ' + child.pid); ${stubborn}`;
  const child = await startChild({
    name: 'A server',
    ...node(source),
    ready: (output) => output.includes('grandchild'),
  });
  const grandchild = Number(/grandchild (\d+)/.exec(child.output())?.[1]);
  expect(isAlive(grandchild)).toBe(true);
  await child.stop(200);
  expect([isAlive(child.pid), isAlive(grandchild)]).toEqual([false, false]);
});

test('one that ends before it serves is told with what it wrote', async () => {
  const failing = startChild({
    name: 'A server',
    ...node(`console.error('no such file: /etc/server'); process.exit(3);`),
    ready: () => false,
  });
  await expect(failing).rejects.toThrow(ChildFailed);
  await expect(failing).rejects.toThrow('A server ended with exit code 3. It wrote:\nno such file: /etc/server');
});

test('one that cannot be started is told', async () => {
  const failing = startChild({ name: 'A server', command: '/nowhere/server', args: [], ready: () => true });
  await expect(failing).rejects.toThrow('A server could not be started: spawn /nowhere/server ENOENT');
});

test('one that never serves is stopped and told', async () => {
  let pid = 0;
  const failing = startChild({
    name: 'A server',
    ...node(`console.log(process.pid); ${FOREVER}`),
    ready: (output) => {
      pid = Number(output.trim());
      throw new Error('connection refused');
    },
    readyWithin: 1_500,
  });
  await expect(failing).rejects.toThrow('A server did not serve within 1.5 s (connection refused)');
  expect(pid).toBeGreaterThan(0);
  expect(isAlive(pid)).toBe(false);
});

test.each(['SIGKILL', 'SIGTERM'] as const)('it dies with the process that started it, on %s', async (signal) => {
  const parent = spawn(process.execPath, ['--require', 'tsx/cjs', join(__dirname, 'parent-of-a-child.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString().trim());
  expect(isAlive(pid)).toBe(true);
  parent.kill(signal);
  await once(parent, 'exit');
  await eventually(() => expect(isAlive(pid)).toBe(false));
});
