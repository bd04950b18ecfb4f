import { startChild } from '../../../sandbox/servers/child';

/** A process that starts a child, tells its pid, and goes on until it is killed. */
void startChild({
  name: 'The child',
  command: process.execPath,
  args: ['--eval', 'setInterval(() => {}, 1000)'],
  ready: () => true,
}).then(({ pid }) => {
  process.stdout.write(`${pid}\n`);
  setInterval(() => undefined, 1_000);
});
