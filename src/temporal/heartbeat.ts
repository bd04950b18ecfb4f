import { Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** Well below the heartbeat time limits in `workflows/effects.ts`. */
const EVERY_MS = 5_000;

/** How far attempts have come, where they say so. */
const progress = new WeakMap<Context, unknown>();

/** Tells Temporal how far this attempt has come, for the one that may follow it (`info.heartbeatDetails`). */
export function cameTo(details: unknown): void {
  const context = Context.current();
  progress.set(context, details);
  context.heartbeat(details);
}

/**
 * Tells Temporal while an attempt of an activity runs that its worker lives, so that an attempt that died with its worker is
 * made again soon, and not only when its whole time is up. Temporal sends nothing for calls that end quickly: the usual
 * path costs no action more.
 */
export const heartbeats: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    async execute(input, next) {
      const timer = setInterval(() => context.heartbeat(progress.get(context)), EVERY_MS);
      try {
        return await next(input);
      } finally {
        clearInterval(timer);
      }
    },
  },
});
