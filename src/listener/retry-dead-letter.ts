import { decide } from '../domain/decision';
import type { ListenerConfig } from './config';
import type { DeadLetterWithPayload } from './dead-letters';
import { decodeEvent } from './decode';
import { effectsOf, type EffectTargets } from './effects';
import { decodeStored, type Session } from './subscription';
import { topicsOf } from './topics';

export interface DeadLetterRetryDeps {
  config: ListenerConfig;
  login: () => Promise<Session>;
  targets: EffectTargets;
}

/** The event makes no more sense than before; it stays where it is. */
export class StillDeadError extends Error {
  override readonly name = 'StillDeadError';
}

/**
 * What `DeadLetters.retry` is to be given: decodes the event anew, decides anew (under the configuration as it is now), and has the
 * effects done, once.
 * @throws StillDeadError where it still makes no sense, after the good part of it was done; or what an effect failed with.
 */
export function createDeadLetterRetry(deps: DeadLetterRetryDeps): (letter: DeadLetterWithPayload) => Promise<void> {
  const { config, login, targets } = deps;
  return async (letter) => {
    const { topic, replayId, orgId } = letter;
    const listened = topicsOf(config).find((candidate) => candidate.topic === topic);
    if (listened === undefined) throw new StillDeadError(`${topic} is not among the channels that are configured`);
    if (letter.kept === 'described') throw new StillDeadError('its payload was not kept, so it cannot be decoded');
    const session = await login();
    if (session.organizationId.slice(0, 15) !== orgId.slice(0, 15)) {
      throw new StillDeadError(`the event is of org ${orgId}, and the login leads to ${session.organizationId}`);
    }
    const payload = await decodeStored({ ...config.pubsub, topic }, session, letter).catch((cause: unknown) => {
      throw new StillDeadError(cause instanceof Error ? cause.message : 'it cannot be decoded', { cause });
    });
    const decoded = decodeEvent(payload, listened.kind, config.fulfilmentFields);
    if (decoded.kind === 'foreign') return;
    if (decoded.kind === 'senseless') throw new StillDeadError(decoded.reason);
    const dualMode = config.channels.provisionEvent !== undefined;
    const decision = decide(decoded.event, { ...config, dualMode });
    for (const { run } of effectsOf(decision, { topic, replayId, committedAt: decoded.committedAt }, targets))
      await run();
    if (decision.deadLetter !== undefined) throw new StillDeadError(decision.deadLetter);
  };
}
