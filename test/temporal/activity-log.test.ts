import { Writable } from 'node:stream';
import type { Context } from '@temporalio/activity';
import pino from 'pino';
import { translating } from '../../src/activities/failure';
import { activityLog } from '../../src/temporal/activity-log';

/** The lines that one attempt writes whose effect throws `error`. */
async function linesOf(error: unknown): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
    lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
    done();
  };
  const info = { activityType: 'addOrder', attempt: 1, workflowExecution: { workflowId: 'w', runId: 'r' } };
  const { inbound } = activityLog(pino(new Writable({ write })))({ info } as unknown as Context);
  const failing = (): Promise<never> => translating(() => Promise.reject(error as Error));
  await inbound?.execute?.({ args: [{ orderId: '801' }], headers: {} }, failing).catch(() => undefined);
  return lines;
}

describe('the log line of an attempt that failed for a reason nobody foresaw', () => {
  it('tells what was thrown and where, and not its message, which may quote a vendor', async () => {
    const [line] = await linesOf(new TypeError('Jane Doe, 1 Example Street'));
    expect(line).toMatchObject({ orderId: '801', code: 'INTERNAL', unexpected: { type: 'TypeError' } });
    expect(JSON.stringify(line)).toContain('activity-log.test');
    expect(JSON.stringify(line)).not.toContain('Jane');
  });
});
