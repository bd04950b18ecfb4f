/** Events in, decision, effects, acknowledgement. See docs/listener.md. */
export { createListener, type Listener, type ListenerDeps } from './listener';
export { DEFAULT_LIMITS, type ListenerChannels, type ListenerConfig, type ListenerLimits } from './config';
export type { FulfilmentFields } from './decode';
export { createCheckpoints, CheckpointInUseError, type Checkpoint, type Checkpoints } from './checkpoint';
export {
  createDeadLetters,
  type DeadLetter,
  type DeadLetterLimits,
  type DeadLetters,
  type DeadLetterWithPayload,
} from './dead-letters';
export type { ListenerCaches } from './effects';
export type { ListenerRedis } from './redis';
export type { ListenerStatus, TopicStatus } from './status';
export type { Session } from './subscription';
export { createDeadLetterRetry, StillDeadError, type DeadLetterRetryDeps } from './retry-dead-letter';
