import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { plan } from '../../chaos/mutant';
import type { FaultResult } from '../../chaos/play-fault';
import { Readers } from '../../chaos/readers';
import { drain, faultProblems } from '../../chaos/round';
import { runProblems } from '../../chaos/runs';
import type { Truth } from '../../chaos/truth';
import type { Workload } from '../../chaos/workload';
import type { World } from '../../chaos/world';

/** What the checker says of worlds that are as no build of the product leaves them. */

const ORDER = '801000000000001AAA';
const workload = { orders: [{ id: ORDER }], approved: [ORDER] } as unknown as Workload;
const NOTHING_TOLD = { salesforce: { store: { get: () => undefined, rows: () => [] } } };

interface MadeUpRun {
  type: 'provisionOrder' | 'reconcileOrders';
  workflowId: string;
  status: 'Running' | 'Completed' | 'Failed' | 'Terminated' | 'TimedOut';
  phase?: string;
}

/** Answers the queries that the checker asks, and no other: a type, and perhaps one status or one of several. */
function temporalWith(all: MadeUpRun[]): Client {
  const phaseKey = defineSearchAttributeKey('ProvisioningPhase', 'KEYWORD');
  const list = ({ query }: { query: string }) => {
    const [, type, , condition] = /^WorkflowType = '(\w+)'( AND ExecutionStatus (.+))?$/.exec(query) ?? [];
    if (type === undefined) throw new Error(`not understood: ${query}`);
    return all
      .filter((run) => run.type === type && (condition === undefined || condition.includes(`'${run.status}'`)))
      .map(({ workflowId, status, phase = '' }) => ({
        workflowId,
        status: { name: status.toUpperCase() },
        typedSearchAttributes: new TypedSearchAttributes([{ key: phaseKey, value: phase }]),
      }));
  };
  return { workflow: { list } } as unknown as Client;
}

const problemsOf = (...all: MadeUpRun[]): Promise<string[]> =>
  runProblems(NOTHING_TOLD as unknown as World, workload, temporalWith(all));
const OWN = { type: 'provisionOrder', workflowId: `provision-order-${ORDER}` } as const;

describe('the checker of the runs', () => {
  it('has nothing to say of runs that are done', async () => {
    const sweep = { type: 'reconcileOrders', workflowId: 'reconcileOrders', status: 'Completed' } as const;
    expect(await problemsOf({ ...OWN, status: 'Completed' }, sweep)).toEqual([]);
  });

  it('sees a run that is still at work', async () => {
    const said = await problemsOf({ ...OWN, status: 'Running', phase: 'AcceptingOrder' });
    expect(said).toEqual([`${OWN.workflowId} is still open, in phase AcceptingOrder`]);
  });

  it.each(['Failed', 'TimedOut', 'Terminated'] as const)('sees a sweep that ended as %s', async (status) => {
    const said = await problemsOf({ type: 'reconcileOrders', workflowId: 'reconcileOrders', status });
    expect(said).toEqual([`reconcileOrders ended as ${status.toUpperCase()}`]);
  });
});

describe('the checker of the portal', () => {
  let server: Server;
  let status: number;
  let readers: Readers;
  beforeEach(async () => {
    server = createServer((_request, response) => response.writeHead(status).end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const world = { ...NOTHING_TOLD, slots: { url: () => url } } as unknown as World;
    readers = new Readers(world, workload, undefined as unknown as Truth, 0);
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it.each([404, 503])('sees what it does not tell: %i', async (refusal) => {
    status = refusal;
    const { stale, unanswered } = await readers.wrongNow();
    expect(stale).toEqual([]);
    expect(unanswered).toContain(`the portal does not tell order ${ORDER}: ${refusal}`);
  });
});

describe('the checker of the round', () => {
  const played: FaultResult = {
    fault: { kind: 'redis-killed' },
    when: { at: 'approved', n: 1 },
    fired: true,
    evidence: 'process 4711',
    recoverySeconds: 1,
    problem: undefined,
  };

  it('sees a fault that never fired, and one that went wrong', () => {
    expect(faultProblems(played)).toEqual([]);
    expect(faultProblems({ ...played, fired: false })).toEqual(['a fault of the plan never fired: redis-killed']);
    expect(faultProblems({ ...played, problem: 'it went on' })).toEqual(['it went on']);
  });

  it('sees a world that does not come to rest', async () => {
    // Nobody reads the topic.
    const world = { topics: ['a topic'], salesforce: { pubsub: { stats: () => ({ openStreams: {} }) } } };
    const round = { world: world as unknown as World, workload, faults: [], over: new AbortController() };
    const said = await drain({ ...round, plan: { ...plan([]), drainSeconds: 0.1 } });
    expect(said).toEqual(['not drained 0.1 s after the last approval and the last healing']);
  });
});
