import type { Report } from '../../bench/report';
import { tables } from '../../bench/tables';
import { quickRun } from './support/quick-run';

/** A quick run of the parts about the listener, for its counts: nothing that was published is lost. */
describe('npm run bench -- --quick --only idle-events,starts,backlog', () => {
  let report: Report;
  let stdout: string;
  beforeAll(async () => {
    ({ report, stdout } = await quickRun('idle-events,starts,backlog'));
  });

  it('the listener decides on every event that starts nothing', () => {
    // A warming turn and two more of 2,000, and 8,000 for the memory, or what passes in its time.
    expect(report.idleEvents?.published).toBeGreaterThanOrEqual(14_000);
    expect(report.idleEvents?.decided).toBe(report.idleEvents?.published);
    expect(report.idleEvents?.memory.samples).toBeGreaterThanOrEqual(4);
  });

  it('the listener and the loops start each run that is asked for, once', () => {
    // 80 each, after a trial of one loop in a warming turn and one of 10, and as many by the listener.
    expect(report.starts?.asked).toEqual({ listener: 100, loops: 100 });
    expect(report.starts?.started).toEqual(report.starts?.asked);
  });

  it('of a backlog every event is decided on, and every approval starts its run', () => {
    expect(report.backlog).toMatchObject({ events: 2_000, decided: 2_000, approvals: 100, started: 100 });
    expect(report.backlog?.concurrency).toBe(10);
  });

  it('prints the same as tables', () => {
    expect(stdout.trim()).toBe(tables(report));
  });
});
