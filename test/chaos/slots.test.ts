import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Slots } from '../../chaos/slots';
import { eventually } from '../support/eventually';

/** A build whose portal does not find its footing the first time, and says this. */
const portal = (says: string): string => `
  const { existsSync, writeFileSync } = require('node:fs');
  const { createServer } = require('node:http');
  if (!existsSync('tried')) {
    writeFileSync('tried', '');
    console.error('${says}');
    process.exit(1);
  }
  createServer((request, response) => response.end('{}')).listen(process.env.HTTP_PORT, process.env.HTTP_HOST);
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chaos-slots-'));
  mkdirSync(join(folder, 'src', 'processes'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const MISSING = 'portal: the floor is missing';
const TAKEN = 'Port 40001 on 127.0.0.1 is in use. Set HTTP_PORT to a free one, or stop what holds it.';
const BLAMED = [expect.stringMatching(/^portal did not start: .*ended with exit code 1/)];

it.each([
  ['is told of, and tried again', MISSING, false, BLAMED],
  ['is tried again, and nobody is blamed, where what it needed was away', MISSING, true, []],
  ['is tried again, and nobody is blamed, where its port was taken meanwhile', TAKEN, false, []],
])('a process whose start fails %s', async (_, says, excused, told) => {
  writeFileSync(join(folder, 'src', 'processes', 'portal.js'), portal(says));
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
