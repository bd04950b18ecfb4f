import { Claims } from '../../chaos/claims';
import { playFault, type FaultStage } from '../../chaos/play-fault';
import type { PlannedFault } from '../../chaos/plan';
import { Progress } from '../../chaos/progress';

interface Stand {
  kill: () => Promise<number | undefined>;
  start: () => Promise<void>;
}

/** A stage on which only a Redis stands. */
function stageOf(redis: Stand): FaultStage {
  const world = {
    servers: { redis },
    salesforce: { store: { get: () => undefined } },
  } as unknown as FaultStage['world'];
  const workload = { approved: [] } as unknown as FaultStage['workload'];
  const signal = new AbortController().signal;
  return { world, workload, progress: new Progress(), claims: new Claims(), signal, say: () => undefined };
}

const redisKilled = (healAfter: number): PlannedFault => ({
  when: { at: 'approved', n: 1 },
  healAfter,
  fault: { kind: 'redis-killed' },
});
const done = (): Promise<void> => Promise.resolve();
const killed = (): Promise<number> => Promise.resolve(4711);

describe('a fault that is played', () => {
  it('tells of a healing that failed, and lets the next have what it held', async () => {
    const start = jest.fn<Promise<void>, []>().mockRejectedValueOnce(new Error('no port')).mockResolvedValue();
    const stage = stageOf({ kill: killed, start });
    const [first, second] = [playFault(redisKilled(0), stage), playFault(redisKilled(0), stage)];
    stage.progress.count('approved');
    stage.progress.finishApprovals();
    await expect(first.result()).resolves.toMatchObject({
      fired: true,
      problem: 'redis-killed could not be healed: no port',
    });
    await expect(second.result()).resolves.toMatchObject({ fired: true, problem: undefined });
  });

  it('is not over before it has been healed, and never fires when its barrier does not come', async () => {
    const stage = stageOf({ kill: killed, start: done });
    const struck = playFault(redisKilled(1), stage);
    const late = playFault({ ...redisKilled(0), when: { at: 'approved', n: 3 } }, stage);
    stage.progress.count('approved');
    await new Promise((resolve) => setImmediate(resolve));
    expect([struck.state(), late.state()]).toEqual(['on', 'waiting']);
    stage.progress.count('approved');
    stage.progress.finishApprovals();
    await expect(struck.result()).resolves.toMatchObject({ fired: true, evidence: 'process 4711' });
    await expect(late.result()).resolves.toMatchObject({
      fired: false,
      problem: 'redis-killed could not be done: only 2 orders were approved',
    });
    expect([struck.state(), late.state()]).toEqual(['over', 'over']);
  });

  it('has not fired where it found nothing to strike', async () => {
    const stage = stageOf({ kill: () => Promise.resolve(undefined), start: done });
    const struck = playFault(redisKilled(0), stage);
    stage.progress.count('approved');
    await expect(struck.result()).resolves.toMatchObject({ fired: false, evidence: undefined, problem: undefined });
  });
});
