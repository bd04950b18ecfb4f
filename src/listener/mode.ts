import type { Logger } from 'pino';
import type { Checkpoints } from './checkpoint';
import type { Lease } from './lease';
import type { Processor, Term } from './processor';

export interface ModeOptions {
  checkpoints: Pick<Checkpoints, 'get'>;
  topic: string;
  processor: Pick<Processor, 'makeGood'>;
  dualMode: boolean;
  logger: Logger;
}

/**
 * A change of mode leaves a gap between the two streams: an order approved under CDC whose event is first read in dual mode
 * starts nothing, and nobody sent a platform event for it; and the other way round. So the first term in another mode begins
 * with a sweep. Orders approved after that are told of by the stream that provisions now.
 */
export function onNewMode(options: ModeOptions): (term: Term & { lease: Lease }) => Promise<void> {
  const { checkpoints, topic, processor, dualMode, logger } = options;
  const mode = dualMode ? 'dual' : 'cdc';
  return async ({ lease, signal }) => {
    const { mode: before, savedAt } = await checkpoints.get(topic);
    if (before !== undefined && before !== mode) {
      logger.warn({ topic, before, mode }, 'the mode has changed: orders between the two are swept for');
      await processor.makeGood(`the mode changed from ${before} to ${mode}`, `mode-${mode}-${lease.token}`, {
        lease,
        signal,
        placeSavedAt: savedAt,
      });
    }
    await lease.remember({ mode });
  };
}
