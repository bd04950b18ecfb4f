import { ServiceError } from '@temporalio/client';
import { ValueError } from '@temporalio/common';
import { silenceOf } from '../../src/cli/story/silence';
import type { Unanswered } from '../../src/temporal/operator';

const refusal = (code: number, details: string) =>
  new ServiceError('Failed to query Workflow', { cause: Object.assign(new Error(details), { code, details }) });
const late = refusal(4, 'context deadline exceeded');
const lostKey = new ValueError('An encrypted payload cannot be read: key "a" is not in TEMPORAL_CODEC_KEYS_FILE');

test.each<[string, Unanswered | null, string | undefined, RegExp?]>([
  ['an answer', null, undefined],
  ['no poller', { error: late, pollers: 0 }, 'NO_WORKER', /no worker polls its task queue, orders/],
  [
    'pollers of the last minutes, and none by now',
    { error: refusal(9, 'no poller seen for task queue recently, worker may be down'), pollers: 2 },
    'NO_WORKER',
    /no worker polls/,
  ],
  ['pollers, and time ran out', { error: late, pollers: 3 }, 'NO_ANSWER', /though 3 polled/],
  ['time ran out, pollers unknown', { error: late, pollers: null }, 'NO_ANSWER', /no worker answered in time$/],
  ['a key that is not here', { error: lostKey, pollers: 1 }, 'UNREADABLE_ANSWER', /key "a"/],
  ['a result under a key that is not here', { error: lostKey, pollers: null }, 'UNREADABLE_ANSWER', /key "a"/],
  [
    'a workflow task that fails',
    { error: refusal(3, 'Nondeterminism error'), pollers: 1 },
    'TEMPORAL_REFUSED',
    /Nondeterminism error/,
  ],
  ['a server that went away', { error: refusal(14, 'connection refused'), pollers: null }, 'TEMPORAL_UNREACHABLE'],
  ['no right to query', { error: refusal(7, 'denied'), pollers: 1 }, 'TEMPORAL_NO_PERMISSION'],
])('%s', (_what, unanswered, code, message = /./) => {
  const silence = silenceOf({ unanswered, taskQueue: 'orders' });
  expect(silence?.code).toBe(code);
  if (silence === undefined) return;
  expect(silence.message).toMatch(message);
  expect(silence.advice).toMatch(/\w{3}/);
});
