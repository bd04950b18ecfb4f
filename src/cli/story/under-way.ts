import { phaseQuery, type Phase } from '../../domain/phase';
import type { Operator, Run, RunStory } from '../../temporal/operator';
import { CliFailure } from '../failure';
import { silenceOf } from './silence';

/** Queries at once, and how many runs are asked at most: each query is work for a worker, and an action in Temporal Cloud. */
const AT_ONCE = 10;
const MOST = 500;

export interface UnderWay {
  /** In the phase that was asked for, newest first. */
  runs: Run[];
  /** Runs that were asked and did not say. */
  silent: number;
  /** Whether there were more runs under way than are asked. */
  more: boolean;
}

/**
 * Orders in a phase that passes. Visibility does not show it, so every run under way is asked.
 * @param filter of visibility, besides being under way
 * @throws CliFailure where the first runs are all silent: the others would be too, each for as long as a query may take
 */
export async function inPassingPhase(operator: Operator, phase: Phase, filter: string | undefined): Promise<UnderWay> {
  const candidates: Run[] = [];
  for await (const run of operator.runs(underWay(filter))) {
    candidates.push(run);
    if (candidates.length > MOST) break;
  }
  const asked = candidates.slice(0, MOST);
  const stories: RunStory[] = [];
  for (let at = 0; at < asked.length; at += AT_ONCE) {
    stories.push(...(await Promise.all(asked.slice(at, at + AT_ONCE).map((run) => operator.ask(run)))));
    refuseSilence(stories);
  }
  return {
    runs: stories.flatMap(({ progress, ...run }) => (progress?.phase === phase ? [{ ...run, phase }] : [])),
    silent: stories.filter(({ unanswered }) => unanswered !== null).length,
    more: candidates.length > MOST,
  };
}

const underWay = (filter: string | undefined): string =>
  [phaseQuery('Loading'), ...(filter === undefined ? [] : [filter])].join(' AND ');

function refuseSilence(stories: readonly RunStory[]): void {
  const [first] = stories;
  const silence = first === undefined ? undefined : silenceOf(first);
  if (silence === undefined || !stories.every(({ unanswered }) => unanswered !== null)) return;
  throw new CliFailure({
    code: silence.code,
    message: `Only the runs know that phase, and none of ${stories.length} says: ${silence.message}`,
    advice: silence.advice ?? undefined,
  });
}
