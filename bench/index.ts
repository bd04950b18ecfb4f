import type * as Cost from './orders/cost';
import { writeFile } from 'node:fs/promises';
import { parseArguments, USAGE, type BenchArguments } from './arguments';
import { hitRatios } from './cache/hits';
import { invalidationRatios } from './cache/invalidations';
import { sourceReads } from './cache/one-read';
import { staleAnswers } from './cache/races';
import { tables, type Report } from './report';

/** `npm run bench`: ratios within one run, and counts. docs/performance.md tells what each figure means. */
async function bench({ quick, json, parts }: BenchArguments): Promise<void> {
  const report: Report = { quick };
  if (parts.includes('orders')) {
    // Only when asked for: it brings Temporal's runtime, which keeps a process alive until a worker has ended.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a native import() does not go through tsx
    const { orderCosts } = require('./orders/cost') as typeof Cost;
    report.orders = await orderCosts();
  }
  if (parts.includes('reads')) report.reads = await sourceReads(quick ? 200 : 1_000);
  if (parts.includes('races')) report.races = await staleAnswers(quick ? 20 : 100);
  if (parts.includes('hits')) report.hits = await (quick ? hitRatios(3, 100) : hitRatios(15, 300));
  if (parts.includes('invalidations')) {
    report.invalidations = await (quick ? invalidationRatios(3, 100) : invalidationRatios(15, 500));
  }
  process.stdout.write(`${tables(report)}\n`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
}

async function main(): Promise<number> {
  let parsed: BenchArguments | 'help';
  try {
    parsed = parseArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  if (parsed === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  await bench(parsed);
  return 0;
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
