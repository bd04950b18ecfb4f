import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cast } from '../../../sandbox/demo/cast';
import { shownOnce } from '../../../sandbox/demo/portal';
import { phasesAtRest } from '../../../sandbox/demo/runs';
import { freePort } from '../../../sandbox/servers/free-port';

/** The demo waits for what is on its way, and for nothing that cannot come any more. */

const cast: Cast = {
  orders: [{ id: '801xx0000000001AAA', accountId: '', role: 'approved' }],
  spare: [],
  begin: () => undefined,
};
const forever = { limitMs: 3_600_000, giveUp: new AbortController().signal };
const inVain = { limitMs: 3_600_000, giveUp: AbortSignal.abort() };

test('the portal is asked again until it shows what it ought to', async () => {
  const answers = [
    '{"status":"Draft","activationStatus":null}',
    '{"status":"Approved","activationStatus":"Activated"}',
  ];
  const portal = createServer((_, response) => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    response.writeHead(200, { 'content-type': 'application/json', 'x-cache': 'miss' }).end(answer);
  });
  await new Promise<void>((resolve) => portal.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(portal.address() as AddressInfo).port}`;
  const seen = await shownOnce(cast, url, (_, { activation }) => activation === 'Activated', forever);
  expect([...seen.values()]).toEqual([{ status: 'Approved', activation: 'Activated', cache: 'miss' }]);
  await new Promise((resolve) => portal.close(resolve));
});

test('a portal that is gone is told of, not waited for, once something has fallen', async () => {
  const seen = await shownOnce(cast, `http://127.0.0.1:${await freePort()}`, () => false, inVain);
  expect([...seen.values()]).toEqual([{ status: 'no answer', activation: null, cache: '-' }]);
});

test('a phase that nobody can be asked for is unknown', async () => {
  const temporal = { address: `127.0.0.1:${await freePort()}`, namespace: 'default' };
  expect([...(await phasesAtRest(cast, temporal, inVain)).values()]).toEqual(['unknown']);
});
