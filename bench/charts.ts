import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Backlog, IdleEvents, Starts } from './listener/report';
import type { LatencyReport, VariantRow } from './orders/latency-report';
import { conditionOf, type PeerReport } from './peer/report';
import type { Growth, StartUp } from './processes/report';
import type { RateRatio, Report, StaleAnswers } from './report';
import type { Spread } from './spread';
import type { Block } from './tables';

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

/** A chart of a block, by its name without the ending. */
export interface Chart {
  block: Block;
  name: string;
  title: string;
}

type Drawn = Chart & { spec: TopLevelSpec };

/** The figures of a report as charts. What was not measured has none. */
export function chartsOf(report: Report): Drawn[] {
  const { latency, variants, peer, races, hits, idleEvents, starts, backlog, startup, growth } = report;
  return [
    latency && latencyChart(latency),
    variants && variantsChart(variants),
    peer && ratesChart(peer),
    peer && faultsChart(peer),
    races && racesChart(races),
    hits && hitsChart(hits),
    idleEvents && idleEventsChart(idleEvents),
    starts && startsChart(starts),
    backlog && backlogChart(backlog),
    startup && startUpChart(startup),
    growth && growthChart(growth),
    growth && memoryChart(growth),
  ].filter((chart) => chart !== undefined);
}

function latencyChart({ rows }: LatencyReport): Drawn {
  const measured = rows.flatMap(({ vendors, against, atATime, p50, p99 }) => {
    const what = `${against}, vendors ${vendors}, ${atATime} at a time`;
    return [
      { what: `p50: ${what}`, ratio: p50 },
      { what: `p99: ${what}`, ratio: { min: p99, median: p99, max: p99 } },
    ];
  });
  return ratioChart('latency', 'latency', 'Approval to write-back: time over that of …', measured);
}

function variantsChart(variants: readonly VariantRow[]): Drawn {
  const measured = variants.flatMap(({ variant, alone, together, atATime }) => [
    { what: `${variant}: alone`, ratio: alone },
    { what: `${variant}: ${atATime} at a time`, ratio: together },
  ]);
  return ratioChart('variants', 'variants', 'A bare workflow: time over that of the way chosen', measured);
}

function ratesChart({ rates }: PeerReport): Drawn {
  const measured = rates.map(({ delays, ratio }) => ({ what: conditionOf(delays), ratio }));
  return ratioChart('rates', 'rates', 'Orders/s over those of the queue', measured);
}

function faultsChart({ faults }: PeerReport): Drawn {
  const rows = faults
    .filter(({ atRest }) => atRest)
    .flatMap(({ fault, contestant, lost, doubled }) => [
      { what: fault, who: `${contestant}: lost`, count: lost },
      { what: fault, who: `${contestant}: doubled`, count: doubled },
    ]);
  return countChart('faults', 'faults', 'Orders lost and doubled by a fault', rows);
}

function racesChart(races: readonly StaleAnswers[]): Drawn {
  const rows = races.map(({ cache, race, stale }) => ({ what: race, who: cache, count: stale }));
  return countChart('races', 'stale-answers', `Stale answers in ${races[0]?.races ?? 0} races`, rows);
}

function hitsChart(hits: readonly RateRatio[]): Drawn {
  const ours = hits.filter(({ cache }) => cache === 'OrdersCache');
  const measured = ours.map(({ against, concurrency, ratio }) => ({
    what: `${against}, ${concurrency} at a time`,
    ratio,
  }));
  const goal = ours.find((each) => each.goal !== undefined)?.goal;
  return ratioChart('hits', 'hits', 'Hits/s of OrdersCache over those of …', measured, goal);
}

function idleEventsChart({ ratio, processorTime, goal }: IdleEvents): Drawn {
  const measured = [
    { what: 'events/s over those of a bare client', ratio },
    { what: "processor time of a bare client over the listener's", ratio: processorTime },
  ];
  return ratioChart('idle-events', 'idle-events', 'Events that start nothing', measured, goal);
}

function startsChart({ concurrency, ratio, processorTime, goal }: Starts): Drawn {
  const measured = [
    { what: `starts/s over those of a loop with ${concurrency} calls at once`, ratio },
    { what: "processor time of that loop over the listener's", ratio: processorTime },
  ];
  return ratioChart('starts', 'starts', 'Events that start runs', measured, goal);
}

function backlogChart({ events, concurrency, ratio }: Backlog): Drawn {
  const measured = [{ what: `a bare client with ${concurrency} starts at once`, ratio }];
  const title = `A backlog of ${events.toLocaleString('en-US')} events: time of … over the listener's`;
  return ratioChart('backlog', 'backlog', title, measured);
}

function startUpChart(startup: readonly StartUp[]): Drawn {
  const measured = startup.map(({ process, how, ratio }) => ({ what: `${process}, ${how}`, ratio }));
  return ratioChart('startup', 'start-up', 'Time to ready over that of a bare Node process', measured);
}

const caseOf = ({ orders, workers }: Growth): string =>
  `${orders} orders, ${workers === 1 ? '1 worker' : `${workers} workers`}`;

function growthChart(growth: readonly Growth[]): Drawn {
  const rows = growth.map((each) => ({ what: caseOf(each), who: 'orders/s', count: each.rate }));
  const [first] = growth;
  return countChart('growth', 'growth', `Orders/s over those with ${first ? caseOf(first) : ''}`, rows);
}

function memoryChart(growth: readonly Growth[]): Drawn {
  const rows = growth.flatMap((each) =>
    Object.entries(each.memory).map(([who, count]) => ({ what: caseOf(each), who, count: Math.round(count) })),
  );
  return countChart('growth', 'memory', 'Resident memory at the end, MiB', rows);
}

/** Writes the charts as SVG into `folder`, which is made where it is missing. `name` is that of the file. */
export async function writeCharts(report: Report, folder: string): Promise<Chart[]> {
  await mkdir(folder, { recursive: true });
  const written: Chart[] = [];
  for (const { spec, ...chart } of chartsOf(report)) {
    const view = new View(parse(compile(spec).spec), { renderer: 'none' });
    const name = `${chart.name}.svg`;
    await writeFile(join(folder, name), `${await view.toSVG()}\n`);
    view.finalize();
    written.push({ ...chart, name });
  }
  return written;
}

const STYLE = {
  background: 'white',
  width: 420,
  // None: without a canvas, text is taken for longer than it is, and was cut.
  config: { axis: { labelLimit: 0 }, legend: { labelLimit: 0 } },
} as const;

/** A line from the minimum to the maximum with a mark at the median, and a rule at the goal; 1 is as fast. */
function ratioChart(block: Block, name: string, title: string, rows: readonly Measured[], goal?: number): Drawn {
  const values = rows.map(({ what, ratio }) => ({ what, ...ratio }));
  const y = { field: 'what', type: 'nominal', sort: null, title: null } as const;
  const scale = { type: 'log' } as const;
  const spec: TopLevelSpec = {
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
  return { block, name, title, spec };
}

function countChart(block: Block, name: string, title: string, rows: readonly Counted[]): Drawn {
  const spec: TopLevelSpec = {
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
  return { block, name, title, spec };
}
