import { ApplicationFailure } from '@temporalio/common';
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
} from '@temporalio/worker';
import { unexpectedBehind } from '../activities/failure';
import { describeError, type Logger } from '../observability/logger';
import type { Origin } from '../workflows/contract';

/** The order that an activity is about, by the shapes of `activities/contract.ts`. */
function orderOf({ args }: ActivityExecuteInput): string | undefined {
  const input = args[0] as { orderId?: string; order?: { id?: string } } | undefined;
  return input?.orderId ?? input?.order?.id;
}

/** The event that the run goes back to, where one asked for it; see `workflows/carried.ts`. */
function originOf({ args }: ActivityExecuteInput): Origin {
  return args[1] ?? {};
}

/** Where an unexpected error was thrown. Its message may quote a vendor's answer, so it is not written. */
function placeOf(error: unknown): { unexpected?: unknown } {
  const unexpected = error instanceof ApplicationFailure ? unexpectedBehind(error) : error;
  if (!(unexpected instanceof Error)) return {};
  const { type, at } = describeError(unexpected);
  return { unexpected: { type, at } };
}

/** One line for each attempt of an activity: the order, the run, how it ended. Neither inputs nor results, which may grow. */
export function activityLog(logger: Logger): ActivityInterceptorsFactory {
  return ({ info }) => {
    const { activityType: activity, attempt, workflowExecution } = info;
    const inbound: ActivityInboundCallsInterceptor = {
      async execute(input, next) {
        const started = performance.now();
        const workflowId = workflowExecution?.workflowId;
        const about = { orderId: orderOf(input), workflowId, ...originOf(input), activity, attempt };
        const seconds = (): number => Math.round(performance.now() - started) / 1000;
        try {
          const result: unknown = await next(input);
          logger.info({ ...about, seconds: seconds() }, 'activity done');
          return result;
        } catch (error) {
          const failure =
            error instanceof ApplicationFailure ? { code: error.type, reason: error.message } : { code: 'INTERNAL' };
          const level = error instanceof ApplicationFailure && error.nonRetryable === true ? 'error' : 'warn';
          logger[level]({ ...about, ...failure, ...placeOf(error), seconds: seconds() }, 'activity failed');
          throw error;
        }
      },
    };
    return { inbound };
  };
}
