import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { workflowBundle } from '../../src/temporal/worker';
import { RECORDED_PATHS } from '../support/recorded-paths';

/** Runs that live for weeks meet new code: every path, as recorded by earlier builds, must replay without a difference. */
const FOLDER = join(__dirname, '..', 'histories');
const recorded = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

describe('the recorded histories', () => {
  let bundle: WorkflowBundleOption;
  beforeAll(async () => {
    bundle = await workflowBundle();
  });

  /** Under the id that the run had, since a run looks at its own. */
  function replay(json: string): Promise<void> {
    const history = historyFromJSON(JSON.parse(json));
    const workflowId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId;
    return Worker.runReplayHistory({ workflowBundle: bundle }, history, workflowId ?? undefined);
  }

  it('hold every path', () => {
    const paths = new Set(recorded.map((name) => name.slice(0, name.indexOf('.'))));
    expect([...paths].sort()).toEqual(Object.keys(RECORDED_PATHS).sort());
  });

  it.each(recorded)('%s replays', async (name) => {
    await replay(readFileSync(join(FOLDER, name), 'utf8'));
  });

  it('would notice a difference', async () => {
    const [name] = recorded;
    const text = readFileSync(join(FOLDER, name!), 'utf8').replaceAll('claimOrder', 'claimAnotherOrder');
    await expect(replay(text)).rejects.toThrow(/[Nn]ondeterminism/);
  });
});
