import type * as Cost from './orders/cost';
import { writeFile } from 'node:fs/promises';
import { parseArguments, PARTS, USAGE, type BenchArguments, type Part } from './arguments';
import { writeCharts } from './charts';
import { hitRatios } from './cache/hits';
import { invalidationRatios } from './cache/invalidations';
import { sourceReads } from './cache/one-read';
import { staleAnswers } from './cache/races';
import { within } from './deadline';
import { growth, type GrowthCase } from './processes/growth';
import { latencies } from './orders/latency';
import { variants } from './orders/variants';
import { besideAQueue } from './peer/beside-a-queue';
import { startUps } from './processes/start-up';
import { ListenerParts } from './listener/parts';
import { tables, type Report } from './report';

/** How long a part may take before it is given up: many times what it takes, for a machine that does other things too. */
const LIMIT_MS = 300_000;

/** `npm run bench`: ratios within one run, and counts. docs/performance.md tells what each figure means. */
async function bench(asked: BenchArguments): Promise<void> {
  const { quick, json, charts, parts } = asked;
  const report: Report = { quick };
  const listener = new ListenerParts(parts, quick);
  for (const part of PARTS) {
    if (!parts.includes(part)) continue;
    await within(limitOf(part, asked), `The part ${part}`, MEASURE[part](report, asked, listener));
    // After each part: one that fails must not cost what was measured before it.
    if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  }
  process.stdout.write(`${tables(report)}\n`);
  if (charts !== undefined) await writeCharts(report, charts);
}

function limitOf(part: Part, { orders }: BenchArguments): number {
  // Most of its time is waiting for what a fault leaves behind.
  if (part === 'peer') return 2 * LIMIT_MS;
  return part === 'growth' && orders !== undefined ? LIMIT_MS + 2 * orders * 1_000 : LIMIT_MS;
}

/** Each part, by how it puts its result into the report. */
const MEASURE: Record<Part, (report: Report, asked: BenchArguments, listener: ListenerParts) => Promise<void>> = {
  async orders(report) {
    // Only when asked for: it brings Temporal's runtime, which keeps a process alive until a worker has ended.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a native import() does not go through tsx
    const { orderCosts } = require('./orders/cost') as typeof Cost;
    report.orders = await orderCosts();
  },
  async latency(report) {
    const sizes = report.quick
      ? { rounds: 1, warmUp: false, alone: 2, together: 10 }
      : { rounds: 3, warmUp: true, alone: 5, together: 40 };
    report.latency = await latencies(sizes);
  },
  async variants(report) {
    report.variants = await (report.quick
      ? variants(1, { alone: 2, together: 10 })
      : variants(3, { alone: 5, together: 30 }));
  },
  async peer(report) {
    report.peer = await besideAQueue(report.quick);
  },
  async reads(report) {
    report.reads = await sourceReads(report.quick ? 200 : 1_000);
  },
  async races(report) {
    report.races = await staleAnswers(report.quick ? 20 : 100);
  },
  async hits(report) {
    report.hits = await (report.quick ? hitRatios(3, 100) : hitRatios(15, 300));
  },
  async invalidations(report) {
    report.invalidations = await (report.quick ? invalidationRatios(3, 100) : invalidationRatios(15, 500));
  },
  async 'idle-events'(report, _asked, listener) {
    report.idleEvents = await listener.idleEvents();
  },
  async starts(report, _asked, listener) {
    report.starts = await listener.starts();
  },
  async backlog(report, _asked, listener) {
    report.backlog = await listener.backlog();
  },
  async startup(report) {
    report.startup = await startUps(report.quick ? 1 : 5);
  },
  async growth(report, { orders }) {
    report.growth = await growth(growthCases(report.quick, orders));
  },
};

function growthCases(quick: boolean, orders: number | undefined): GrowthCase[] {
  if (orders === undefined && quick) return [{ orders: 20, workers: 1 }];
  const counts = orders === undefined ? [100, 1_000] : [orders];
  return counts.flatMap((count) => [1, 4].map((workers) => ({ orders: count, workers })));
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
    // At once: work that was given up would go on for ever. What it started ends with this process.
    process.exit(1);
  },
);
