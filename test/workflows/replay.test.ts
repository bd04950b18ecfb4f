import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON, type History } from '@temporalio/common/lib/proto-utils';
import { defaultPayloadConverter } from '@temporalio/common';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { bundleWorkflows } from '../../src/temporal/worker';
import { PHASES, type ProvisioningStatus } from '../../src/workflows/contract';
import { quietRuntime } from '../support/quiet-runtime';
import { RECORDED_PATHS } from '../support/recorded-paths';
import { watchCode } from '../support/walked-code';

/** Runs that live for weeks meet new code: every path, as recorded by earlier builds, must replay without a difference. */
const FOLDER = join(__dirname, '..', 'histories');
const recorded = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const textOf = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const startOf = ({ events }: History) => events?.[0]?.workflowExecutionStartedEventAttributes;

/** What a run that completed says of itself at its end. */
function resultOf({ events }: History): Partial<ProvisioningStatus> {
  const payload = events?.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads?.[0];
  return payload == null ? {} : defaultPayloadConverter.fromPayload(payload);
}

describe('the recorded histories', () => {
  let bundle: WorkflowBundleWithSourceMap;
  /** By the history's name: why it did not replay. */
  const differences = new Map<string, unknown>();
  /** Code that no history has led to. */
  let untrodden: { module: string; text: string }[];

  beforeAll(async () => {
    quietRuntime();
    bundle = await bundleWorkflows();
    const untroddenCode = await watchCode(bundle.code, './src/workflows/');
    for (const name of recorded) {
      await replay(textOf(name)).catch((error: unknown) => differences.set(name, error));
    }
    untrodden = await untroddenCode();
  });

  /** Under the id that the run had, since a run looks at its own. */
  function replay(json: string): Promise<void> {
    const history = historyFromJSON(JSON.parse(json));
    const workflowId = startOf(history)?.workflowId ?? undefined;
    // In this thread, so that its code can be watched. Replay takes it, though its type does not say so.
    const options = { workflowBundle: bundle, debugMode: true };
    return Worker.runReplayHistory(options, history, workflowId);
  }

  it.each(recorded)('%s replays', (name) => {
    expect(differences.get(name)).toBeUndefined();
  });

  it('would notice a difference', async () => {
    const text = textOf(recorded[0]!).replaceAll('claimOrder', 'claimAnotherOrder');
    await expect(replay(text)).rejects.toThrow(/[Nn]ondeterminism/);
  });

  it('are those of the paths that the script records', () => {
    const paths = new Set(recorded.map((name) => name.slice(0, name.indexOf('.'))));
    expect([...paths].sort()).toEqual(Object.keys(RECORDED_PATHS).sort());
  });

  it('hold every workflow, every phase, every end and a run that went on as another', () => {
    const histories = recorded.map((name) => historyFromJSON(JSON.parse(textOf(name))));
    const types = new Set(histories.map((history) => startOf(history)?.workflowType?.name));
    expect([...types].sort()).toEqual(exportedWorkflows().sort());
    const results = histories.map(resultOf);
    const passed = new Set(results.flatMap(({ history = [] }) => history.map(({ phase }) => phase)));
    expect([...passed].sort()).toEqual([...PHASES].sort());
    const ends = new Set(results.flatMap(({ phase }) => phase ?? []));
    expect([...ends].sort()).toEqual(['Abandoned', 'Activated', 'Cancelled', 'Skipped']);
    const continued = histories.filter(({ events }) => events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes);
    expect(continued.length).toBeGreaterThanOrEqual(2);
  });

  it('lead to every place of the workflow code that waits or may make a command', () => {
    const waits = untrodden.filter(({ text }) => /\bawait\b|\bpatched\)?\(|\bcontinueAsNew\)?\(/.test(text));
    expect(waits).toEqual([]);
  });

  /** Of `src/workflows/index.ts`, which may be run in a workflow only. */
  function exportedWorkflows(): string[] {
    const index = readFileSync(join(__dirname, '..', '..', 'src', 'workflows', 'index.ts'), 'utf8');
    return [...index.matchAll(/export \{ (\w+) \}/g)].map((match) => match[1]!);
  }
});
