import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { writeCharts } from './charts';
import { asMarkdown } from './figures';
import type { Report } from './report';
import { BLOCKS, figuresOf, partOf, type Block } from './tables';

/** Where the charts of a Markdown file are, beside it. */
const CHARTS = 'images/performance';

const begin = (block: Block): string => `<!-- made by npm run bench: ${block} -->`;
const END = '<!-- made by npm run bench: end -->';

/**
 * Puts the figures and charts of a report between the marks of a Markdown file. What the report was not asked for is left as it is:
 * figures of an earlier run. A part that was asked for and has no figures is told of in their place. Where only one part was, its
 * figures say of what run they are, and what the page says of the last run of more than that is left as it is.
 * @throws Error where there is no place for a block
 */
export async function writeReport(report: Report, file: string): Promise<void> {
  const charts = await writeCharts(report, join(dirname(file), CHARTS));
  const figures = figuresOf(report);
  let text = await readFile(file, 'utf8');
  for (const block of BLOCKS) {
    const failure = report.run.parts.find(({ part }) => part === partOf(block))?.failure;
    const tables = block === 'run' && isAlone(report) ? undefined : figures.get(block)?.map(asMarkdown);
    const drawn = charts.filter((chart) => chart.block === block);
    const images = drawn.map(({ title, name }) => `![${title}](${CHARTS}/${name})`);
    if (tables !== undefined) text = put(text, block, [...intro(block, report), ...tables, ...images]);
    else if (failure !== undefined) text = put(text, block, [`**Not measured in the last run**: ${failure}.`]);
  }
  await writeFile(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

function put(text: string, block: Block, paragraphs: readonly string[]): string {
  const [before, rest] = text.split(begin(block));
  const at = rest?.indexOf(END) ?? -1;
  if (before === undefined || rest === undefined || at < 0) throw new Error(`There is no place for ${begin(block)}`);
  return [before, begin(block), '\n\n', paragraphs.join('\n\n'), '\n\n', rest.slice(at)].join('');
}

const isAlone = ({ run }: Report): boolean => run.parts.length === 1;

function intro(block: Block, report: Report): string[] {
  const { cores, node, loadBefore, parts } = report.run;
  const quick = report.quick ? 'quick ' : '';
  const minutes = parts.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
  const of = `${minutes.toFixed(1)} minutes, on Node.js ${node} and ${cores} cores whose load average before it was ${loadBefore.toFixed(1)}.`;
  if (isAlone(report)) return [`Of a ${quick}run of this part alone. It took ${of}`];
  if (block !== 'run') return [];
  return [
    `The last ${quick}run took ${of} Figures of parts that it does not name are of an earlier run, or of a run of that part alone, and then say so.`,
  ];
}
