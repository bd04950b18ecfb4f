import { readFile, writeFile } from 'node:fs/promises';
import { parseArguments, USAGE, type BenchArguments } from './arguments';
import { writeCharts } from './charts';
import { failuresOf, measure } from './measure';
import type { Report } from './report';
import { writeReport } from './report-in-markdown';
import { tables } from './tables';

/** `npm run bench`: ratios within one run, and counts. docs/performance.md tells what each figure means. */
async function bench(asked: BenchArguments): Promise<number> {
  const { json, charts, from, report: markdown } = asked;
  const report = from === undefined ? await measured(asked) : (JSON.parse(await readFile(from, 'utf8')) as Report);
  if (from !== undefined && json !== undefined) await save(report, json);
  process.stdout.write(`${tables(report)}\n`);
  if (charts !== undefined) await writeCharts(report, charts);
  if (markdown !== undefined) await writeReport(report, markdown);
  return failuresOf(report).length === 0 ? 0 : 1;
}

function measured(asked: BenchArguments): Promise<Report> {
  return measure(asked, async (report, { part, seconds, failure }) => {
    process.stderr.write(`${part}: ${failure ?? 'measured'} (${seconds.toFixed(0)} s)\n`);
    // After each part: whatever becomes of the run, what was measured is kept.
    if (asked.json !== undefined) await save(report, asked.json);
  });
}

async function save(report: Report, file: string): Promise<void> {
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
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
  return bench(parsed);
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
