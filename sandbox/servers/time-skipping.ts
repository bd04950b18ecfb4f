import { TestWorkflowEnvironment } from '@temporalio/testing';
import { findProgram } from './find-program';

const ATTEMPTS = 10;

/**
 * A workflow environment on a time-skipping test server of its own: time jumps while a workflow's result is awaited, and
 * with `sleep`. It has no list or count of workflows, no schedules and no Web UI. Call `teardown()` when done.
 * @throws ProgramMissing
 */
export async function createTimeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  const path = await findProgram('time-skipping');
  const options = { server: { executable: { type: 'existing-path', path } } } as const;
  for (let attempt = 1; ; attempt++) {
    try {
      return await TestWorkflowEnvironment.createTimeSkipping(options);
    } catch (error) {
      // The SDK gives it 5 seconds, which a Java start on a busy machine can exceed.
      if (attempt === ATTEMPTS) throw error;
    }
  }
}
