import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Report } from './report';
import type { Spread } from './spread';

/** A ratio with its spread, as a line of a chart. */
interface Measured {
  what: string;
  ratio: Spread;
}

/** Counts beside each other, as bars of a chart. */
interface Counted {
  what: string;
  who: string;
  count: number;
}

/** The figures of a report as charts, by file name without its ending. What was not measured has none. */
export function chartsOf(report: Report): Map<string, TopLevelSpec> {
  const charts = new Map<string, TopLevelSpec>();
  const { hits, races, idleEvents, starts, startup, peer } = report;
  if (hits !== undefined) {
    const ours = hits.filter(({ cache }) => cache === 'OrdersCache');
    const rows = ours.map(({ against, concurrency, ratio }) => ({
      what: `${against}, ${concurrency} at a time`,
      ratio,
    }));
    charts.set('hits', ratioChart('Hits of OrdersCache over those of …', rows, ours.find(({ goal }) => goal)?.goal));
  }
  if (races !== undefined) {
    const rows = races.map(({ cache, race, stale }) => ({ what: race, who: cache, count: stale }));
    charts.set('stale-answers', countChart(`Stale answers in ${races[0]?.races ?? 0} races`, rows));
  }
  if (idleEvents !== undefined && starts !== undefined) {
    const rows = [
      { what: 'events/s over a bare client', ratio: idleEvents.ratio },
      { what: 'processor time: bare client over listener', ratio: idleEvents.processorTime },
      ...starts.loops.map(({ concurrency, ratio }) => ({
        what: `starts/s over a loop with ${concurrency} calls at once`,
        ratio,
      })),
    ];
    charts.set('listener', ratioChart('The listener beside the bare clients', rows, idleEvents.goal));
  }
  if (startup !== undefined) {
    const rows = startup.map(({ process, how, ratio }) => ({ what: `${process}, ${how}`, ratio }));
    charts.set('start-up', ratioChart('Time to ready over that of a bare Node process', rows));
  }
  if (peer !== undefined) {
    const rows = peer.faults.flatMap(({ fault, contestant, lost, doubled }) => [
      { what: fault, who: `${contestant}: lost`, count: lost },
      { what: fault, who: `${contestant}: doubled`, count: doubled },
    ]);
    charts.set('faults', countChart('Orders lost and doubled by a fault', rows));
  }
  return charts;
}

/** Writes the charts as SVG into `folder`, which is made where it is missing. @returns the names of the files */
export async function writeCharts(report: Report, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const names: string[] = [];
  for (const [name, spec] of chartsOf(report)) {
    const view = new View(parse(compile(spec).spec), { renderer: 'none' });
    const file = `${name}.svg`;
    await writeFile(join(folder, file), `${await view.toSVG()}\n`);
    view.finalize();
    names.push(file);
  }
  return names;
}

const STYLE = {
  background: 'white',
  width: 420,
  config: { axis: { labelLimit: 360 }, legend: { labelLimit: 360 } },
} as const;

/** A line from the minimum to the maximum with a mark at the median, and a rule at the goal; 1 is as fast. */
function ratioChart(title: string, rows: readonly Measured[], goal?: number): TopLevelSpec {
  const values = rows.map(({ what, ratio }) => ({ what, ...ratio }));
  const y = { field: 'what', type: 'nominal', sort: null, title: null } as const;
  const scale = { type: 'log' } as const;
  return {
    ...STYLE,
    title,
    data: { values },
    layer: [
      {
        mark: { type: 'rule', color: '#9db4c0' },
        encoding: { y, x: { field: 'min', type: 'quantitative', scale, title: 'ratio' }, x2: { field: 'max' } },
      },
      {
        mark: { type: 'point', filled: true, size: 70, color: '#1f5673' },
        encoding: { y, x: { field: 'median', type: 'quantitative', scale } },
      },
      ...(goal === undefined
        ? []
        : [
            { mark: { type: 'rule' as const, strokeDash: [4, 4], color: '#b23a48' }, encoding: { x: { datum: goal } } },
          ]),
    ],
  };
}

function countChart(title: string, rows: readonly Counted[]): TopLevelSpec {
  return {
    ...STYLE,
    title,
    data: { values: [...rows] },
    mark: 'bar',
    encoding: {
      y: { field: 'what', type: 'nominal', sort: null, title: null },
      yOffset: { field: 'who' },
      x: { field: 'count', type: 'quantitative', title: null },
      color: { field: 'who', type: 'nominal', title: null },
    },
  };
}
