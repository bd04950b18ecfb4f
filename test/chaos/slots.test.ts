import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Slots } from '../../chaos/slots';
import { eventually } from '../support/eventually';

/** A build whose portal does not find its footing the first time. */
const PORTAL = `
  const { existsSync, writeFileSync } = require('node:fs');
  const { createServer } = require('node:http');
  if (!existsSync('tried')) {
    writeFileSync('tried', '');
    console.error('portal: the floor is missing');
    process.exit(1);
  }
  createServer((request, response) => response.end('{}')).listen(process.env.HTTP_PORT, process.env.HTTP_HOST);
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chaos-slots-'));
  mkdirSync(join(folder, 'src', 'processes'), { recursive: true });
  writeFileSync(join(folder, 'src', 'processes', 'portal.js'), PORTAL);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  ['is told of, and tried again', false, [expect.stringMatching(/^portal did not start: .*ended with exit code 1/)]],
  ['is tried again, and nobody is blamed, where what it needed was away', true, []],
])('a process whose start fails %s', async (_, excused, told) => {
  const slots = new Slots({
    env: () => ({}),
    build: folder,
    clock: join(__dirname, '../../chaos/stepped-clock.cjs'),
    folder,
    isExcused: () => excused,
    onLine: () => undefined,
  });
  try {
    slots.start('portal');
    await eventually(() => expect(slots.url('portal')).toBeDefined());
    expect(slots.unexpectedEnds).toEqual(told);
  } finally {
    await slots.killAll();
  }
});
