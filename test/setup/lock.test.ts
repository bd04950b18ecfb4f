import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Machine } from './machine';

let machine: Machine;
beforeEach(() => (machine = new Machine()));
afterEach(() => machine.remove());

/** Takes the lock over and over; each time it reads a number, waits, and writes the number plus one. */
const COUNTING = `
  import { withLock } from './lock.mjs';
  import { readFileSync, writeFileSync } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  const [file, rounds] = process.argv.slice(1);
  for (let round = 0; round < Number(rounds); round++) {
    await withLock('test', async () => {
      const count = Number(readFileSync(file, 'utf8'));
      await sleep(5);
      writeFileSync(file, String(count + 1));
    });
  }
`;

test('processes that take it at the same time take turns', async () => {
  const file = join(machine.folder, 'count');
  writeFileSync(file, '0');
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => machine.module(COUNTING, file, '6')));
  expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(Array(5).fill([0, '']));
  expect(readFileSync(file, 'utf8')).toBe('30');
});

test('many that find the same dead owner at once still take turns', async () => {
  const file = join(machine.folder, 'count');
  writeFileSync(file, '0');
  const dying = `
    import { withLock } from './lock.mjs';
    await withLock('test', async () => process.kill(process.pid, 'SIGKILL'));
  `;
  await machine.module(dying);
  expect(readdirSync(join(machine.cache, 'locks', 'test'))).toContain('1');
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => machine.module(COUNTING, file, '2')));
  expect(outcomes.map(({ code }) => code)).toEqual(Array(5).fill(0));
  expect(readFileSync(file, 'utf8')).toBe('10');
});

test('a living owner is waited for, and named, however old its file is', async () => {
  const folder = join(machine.cache, 'locks', 'test');
  mkdirSync(folder, { recursive: true });
  const owned = join(folder, '7');
  writeFileSync(owned, JSON.stringify({ pid: process.pid, host: hostname() }));
  utimesSync(owned, new Date(0), new Date(0));
  const waiting = `
    import { withLock } from './lock.mjs';
    import { writeFileSync } from 'node:fs';
    const release = () => writeFileSync(process.argv[1], JSON.stringify({ released: true }));
    await withLock('test', async () => console.log('mine'), { onWait: (owner) => { console.log(owner); release(); } });
  `;
  const { stdout } = await machine.module(waiting, owned);
  expect(stdout).toBe(`process ${process.pid} on ${hostname()}\nmine\n`);
});

test('work that throws releases it', async () => {
  const throwing = `
    import { withLock } from './lock.mjs';
    await withLock('test', async () => { throw new Error('no'); }).catch(() => {});
    await withLock('test', async () => console.log('again'));
  `;
  expect((await machine.module(throwing)).stdout).toBe('again\n');
});

test('an owner that was taken for dead while it was stopped ends its work, and leaves the lock to the other', async () => {
  const stopped = `
    import { withLock } from './lock.mjs';
    import { existsSync, unlinkSync, writeFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    const [folder, other] = process.argv.slice(1);
    await withLock('test', async () => {
      writeFileSync(folder + '/2', other);
      unlinkSync(folder + '/1');
      // Longer than a beat.
      await sleep(2_500);
      console.log('done');
    });
    console.log(existsSync(folder + '/1'));
  `;
  const folder = join(machine.cache, 'locks', 'test');
  const other = JSON.stringify({ pid: process.pid, host: hostname() });
  expect(await machine.module(stopped, folder, other)).toEqual({ code: 0, stdout: 'done\nfalse\n', stderr: '' });
  expect(readFileSync(join(folder, '2'), 'utf8')).toBe(other);
});
