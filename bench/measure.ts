import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { buildProduct, type Build } from '../chaos/build';
import { RUN_A_BUILD, type BenchArguments, type Part } from './arguments';
import { limitOf, TOTAL_SECONDS } from './budget';
import { within } from './deadline';
import { Forked } from './forked';
import type { PartAnswer, PartRequest } from './part-process';
import type { PartRun, Report } from './report';

/** An order of `--orders` may take so long, s. */
const SECONDS_AN_ORDER = 1;

type PartProcess = Forked<PartRequest, PartAnswer>;

/**
 * Measures one part after another. One that fails, or is not done in its time, is told of in `run`, and its process is ended: the
 * others are measured all the same, and what it left is not in their way. `onPart` is told of each part when it is over.
 */
export async function measure(
  { parts, quick, growth, seconds, build }: Pick<BenchArguments, 'parts' | 'quick' | 'growth' | 'seconds' | 'build'>,
  onPart: (report: Report, part: PartRun) => Promise<void>,
): Promise<Report> {
  const report: Report = {
    quick,
    run: { cores: availableParallelism(), node: process.version, loadBefore: loadavg()[0] ?? 0, parts: [] },
  };
  const orders = parts.includes('growth') ? (growth ?? []).reduce((sum, row) => sum + row.orders, 0) : 0;
  const total = (seconds ?? TOTAL_SECONDS[quick ? 'quick' : 'full']) + SECONDS_AN_ORDER * orders;
  const began = performance.now();
  let process_: PartProcess | undefined;
  let built: Build | undefined;
  try {
    for (const [index, part] of parts.entries()) {
      const after = parts.slice(index + 1);
      const begun = performance.now();
      const limitSeconds = Math.ceil(limitOf(part, after, total - (begun - began) / 1000, quick));
      const outcome: PartRun = { part, seconds: 0, limitSeconds };
      try {
        if (build === undefined && RUN_A_BUILD.includes(part)) built ??= await buildProduct();
        process_ ??= await Forked.start<PartRequest, PartAnswer>(join(__dirname, 'part-process.ts'));
        const answer = process_.ask({ part, after, quick, growth, build: build ?? built?.folder });
        Object.assign(report, await within(limitSeconds * 1000, `the part ${part}`, answer));
      } catch (error) {
        outcome.failure = error instanceof Error ? error.message : String(error);
        await process_?.kill();
        process_ = undefined;
      }
      outcome.seconds = (performance.now() - begun) / 1000;
      report.run.parts.push(outcome);
      await onPart(report, outcome);
    }
  } finally {
    await process_?.kill();
    built?.remove();
  }
  return report;
}

/** The parts that were asked for and have no figures. */
export function failuresOf({ run }: Report): Part[] {
  return run.parts.filter(({ failure }) => failure !== undefined).map(({ part }) => part);
}
