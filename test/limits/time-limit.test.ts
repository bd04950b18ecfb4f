import { MessageChannel } from 'node:worker_threads';
import { limited, TimeLimit } from '../../src/limits/time-limit';
import { eventually } from '../support/eventually';

/** One timer for all commands: each that is not answered in time is told so once, and nobody else. */

it('tells those who have not ended, in their order, once', async () => {
  const limit = new TimeLimit(30);
  const late: number[] = [];
  const waits = Array.from({ length: 5_000 }, (_, n) => limit.begin(() => late.push(n)));
  for (const [n, wait] of waits.entries()) if (n % 1_000 !== 0) wait.end();
  await eventually(() => {
    expect(late).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
  });
  waits[0]?.end();
  let again = false;
  limit.begin(() => (again = true));
  await eventually(() => {
    expect(again).toBe(true);
  });
  expect(late).toHaveLength(5);
});

it('goes on after a wait that was told', async () => {
  const limit = new TimeLimit(20);
  for (let n = 0; n < 3; n++) await new Promise<void>((resolve) => limit.begin(resolve));
});

/** Resolves once an answer is heard that came at once, while this process was busy for longer than any limit here. */
async function answerWhileBusy(): Promise<{ answered: Promise<void>; close: () => void; beBusy: () => void }> {
  const { port1, port2 } = new MessageChannel();
  // From here on after the I/O of this turn: the timers of the next turn come before its I/O.
  await new Promise((resolve) => setImmediate(resolve));
  const answered = new Promise<void>((resolve) => port2.once('message', () => resolve()));
  return {
    answered,
    close: () => port1.close(),
    beBusy: () => {
      port1.postMessage('an answer');
      const busyUntil = performance.now() + 60;
      while (performance.now() < busyUntil);
    },
  };
}

it('hears answers that had come while the process was busy, before it calls anybody late', async () => {
  const limit = new TimeLimit(20);
  const { answered, beBusy, close } = await answerWhileBusy();
  let late = false;
  const wait = limit.begin(() => (late = true));
  const ended = answered.then(() => wait.end());
  beBusy();
  await ended;
  await new Promise<void>((resolve) => limit.begin(resolve));
  expect(late).toBe(false);
  close();
});

describe('a limited command', () => {
  it('gives what was answered while the process was busy', async () => {
    const { answered, beBusy, close } = await answerWhileBusy();
    const command = limited(
      answered.then(() => 'answer'),
      20,
    );
    beBusy();
    await expect(command).resolves.toBe('answer');
    close();
  });

  it('fails where there is no answer, and with what it fails with', async () => {
    await expect(limited(new Promise(() => undefined), 20)).rejects.toThrow('Redis did not answer within 20 ms');
    await expect(limited(Promise.reject(new Error('no')), 20)).rejects.toThrow('no');
  });
});
