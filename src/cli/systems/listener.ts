import { loadCliConfig, type Environment } from '../../config';
import { CheckpointInUseError, createCheckpoints, type Checkpoints } from '../../listener/checkpoint';
import { createDeadLetters, type DeadLetters, type DeadLetterWithPayload } from '../../listener/dead-letters';
import { createDeadLetterRetry, StillDeadError } from '../../listener/retry-dead-letter';
import type { ListenerRedis } from '../../listener/redis';
import { listening } from '../../processes/listening';
import type { Salesforce, SalesforceFields } from '../../salesforce';
import type { OrderWorkflows } from '../../temporal/orders';
import { CliFailure } from '../failure';
import { withInvalidator } from './cache';

export { replayIdOrUndefined } from '../../listener/subscription/replay-id';

/** What the listener keeps in Redis. */
export const openDeadLetters = (redis: ListenerRedis): DeadLetters => createDeadLetters(redis);
export const openCheckpoints = (redis: ListenerRedis, organizationId: string): Checkpoints =>
  createCheckpoints(redis, organizationId);

/** A refusal of the checkpoint store as a failure of the verb. */
export function checkpointFailure(error: unknown): unknown {
  if (error instanceof CheckpointInUseError) {
    return new CliFailure({
      code: 'CHECKPOINT_IN_USE',
      message: error.message,
      advice: 'Stop the listeners, or give --force.',
      cause: error,
    });
  }
  return error;
}

/** What the environment that a retry needs is made of. */
export interface RetrySystems {
  environment: Environment;
  salesforce: Salesforce & { fields: SalesforceFields };
  workflows: OrderWorkflows;
}

/**
 * Deals with a kept event as the listener does, under the configuration as it is now.
 * @throws CliFailure `STILL_DEAD` where it makes no more sense than before, and `REDIS_UNREACHABLE`
 */
export function retryEvent(
  { environment, salesforce, workflows }: RetrySystems,
  letter: DeadLetterWithPayload,
): Promise<void> {
  const config = listening(loadCliConfig.listening(environment), salesforce.fields);
  return withInvalidator(environment, async (caches) => {
    const login = () => salesforce.session.login();
    try {
      await createDeadLetterRetry({ config, login, targets: { workflows, caches } })(letter);
    } catch (error) {
      if (!(error instanceof StillDeadError)) throw error;
      throw new CliFailure({
        code: 'STILL_DEAD',
        message: `Dead letter ${letter.id} stays where it is: ${error.message}`,
        advice:
          'With --sweep, every order that ought to be provisioned is looked for instead, and all caches are flushed.',
        cause: error,
      });
    }
  });
}
