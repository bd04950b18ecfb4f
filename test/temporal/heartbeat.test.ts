import { MockActivityEnvironment } from '@temporalio/testing';
import { cameTo, heartbeats } from '../../src/temporal/heartbeat';

afterEach(() => {
  jest.useRealTimers();
});

it('a worker that tells that it lives repeats how far its attempt has come', async () => {
  jest.useFakeTimers();
  const environment = new MockActivityEnvironment({}, { interceptors: [heartbeats] });
  const beats: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => beats.push(details));
  await environment.run(async () => {
    await jest.advanceTimersByTimeAsync(5_000);
    cameTo({ page: 1 });
    await jest.advanceTimersByTimeAsync(10_000);
  });
  await jest.advanceTimersByTimeAsync(10_000);
  expect(beats).toEqual([undefined, { page: 1 }, { page: 1 }, { page: 1 }]);
});
