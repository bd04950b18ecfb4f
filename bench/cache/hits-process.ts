import { answerRequests } from '../forked';
import { hitRatios } from './hits';

/** Measures hits in a process that has nothing else in memory: as a portal's, which collects no garbage of Temporal's. */
export interface HitsRequest {
  rounds: number;
  turnMs: number;
}

answerRequests(({ rounds, turnMs }: HitsRequest) => hitRatios(rounds, turnMs));
