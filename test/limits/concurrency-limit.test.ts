import { ConcurrencyLimit } from '../../src/limits/concurrency-limit';

it('no more than the limit at once, and all in the end', async () => {
  const limit = new ConcurrencyLimit(3);
  let [now, most] = [0, 0];
  const work = async (): Promise<void> => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
  };
  await Promise.all(Array.from({ length: 20 }, () => limit.run(work)));
  expect([now, most]).toEqual([0, 3]);
});

it('refuses who finds the line full, and lets the others through', async () => {
  const limit = new ConcurrencyLimit(1, { waiting: 2, refusal: () => new Error('full') });
  const begun: number[] = [];
  const works = [1, 2, 3, 4, 5].map((n) =>
    limit.run(async () => {
      begun.push(n);
      await new Promise((resolve) => setImmediate(resolve));
      if (n === 1) throw new Error('fails, and frees its place');
    }),
  );
  const outcomes = await Promise.allSettled(works);
  expect(outcomes.map((one) => (one.status === 'rejected' ? (one.reason as Error).message : 'done'))).toEqual([
    'fails, and frees its place',
    'done',
    'done',
    'full',
    'full',
  ]);
  expect(begun).toEqual([1, 2, 3]);
});

it('refuses whose turn does not come in time, and loses no place by it', async () => {
  const limit = new ConcurrencyLimit(1, { waiting: 2, waitMs: 20, refusal: (why) => new Error(why) });
  let end = (): void => undefined;
  const first = limit.run(() => new Promise<void>((resolve) => (end = resolve)));
  await expect(limit.run(() => Promise.resolve())).rejects.toThrow('late');
  const next = limit.run(() => Promise.resolve('done'));
  end();
  await first;
  expect(await next).toBe('done');
  expect(await limit.run(() => Promise.resolve('free again'))).toBe('free again');
});
