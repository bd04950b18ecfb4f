import type { Spread } from '../spread';
import { cellsOf, judged, type Figures } from '../figures';

/** Events that start nothing: the listener beside a bare subscription with an empty callback, on the same emulator. */
export interface IdleEvents {
  rounds: number;
  /** In each turn. */
  eventsPerTurn: number;
  /** Events in all turns of each, and how many of them the listener decided on. */
  published: number;
  decided: number;
  /** Events per second of the listener over those of the bare client. */
  ratio: Spread;
  goal: number;
  /** Processor time of the bare client's process for an event, over that of the listener's: what the ratio would be if nobody waited. */
  processorTime: Spread;
  memory: Memory;
}

/** What the listener's process holds as more and more events pass: means of the last quarter of samples over those of the first. */
export interface Memory {
  /** Passed while it was watched. */
  events: number;
  samples: number;
  resident: number;
  heap: number;
}

/** Events that each start a run: the listener beside a loop that calls the Temporal client. */
export interface Starts {
  rounds: number;
  startsPerTurn: number;
  /** Orders whose runs were asked for, and runs that Temporal has; by the listener, and by the loops. */
  asked: { listener: number; loops: number };
  started: { listener: number; loops: number };
  /** Starts per second of each loop that was tried over those of the best, before the rounds. */
  tried: { concurrency: number; ratio: number }[];
  /** Calls at once of the best loop. */
  concurrency: number;
  /** Starts per second of the listener over those of that loop. */
  ratio: Spread;
  goal: number;
  /** Processor time of the loop's process for a start, over that of the listener's: what the ratio would be if both had nothing else to wait for. */
  processorTime: Spread;
}

/** A backlog, some of whose events start runs: the listener beside the bare client that reads it and starts the runs in a loop. */
export interface Backlog {
  rounds: number;
  /** Of each turn, and how many of them approve an order. */
  events: number;
  approvals: number;
  /** Events that the listener decided on, and runs that it started, in all rounds. */
  decided: number;
  started: number;
  /** Starts at once of the bare client: the best of those that were tried. */
  concurrency: number;
  /** Its time to the end of the backlog over that of the listener: 1 is as fast. */
  ratio: Spread;
}

/** How fast the listener is, and what it takes of the processor for that. */
function besideBare(
  rate: string,
  time: string,
  size: Figures['rows'][number],
  { ratio, goal, processorTime }: Pick<IdleEvents & Starts, 'ratio' | 'goal' | 'processorTime'>,
): Figures['rows'] {
  return [
    [rate, ...size, ...cellsOf(ratio), judged(goal, ratio.median)],
    [time, ...size, ...cellsOf(processorTime), ''],
  ];
}

export function idleEventsFigures(idle: IdleEvents): Figures[] {
  const { rounds, eventsPerTurn, memory, published, decided } = idle;
  const size = [rounds, count(eventsPerTurn)];
  return [
    {
      head: ['Events that start nothing', 'rounds', 'events a turn', 'min', 'median', 'max', 'goal'],
      rows: besideBare(
        'events/s of the listener over those of a bare client',
        "processor time of a bare client over the listener's",
        size,
        idle,
      ),
    },
    {
      head: [
        'Events published',
        'decided on',
        'watched for memory',
        'samples',
        'resident, last quarter over first',
        'heap',
      ],
      rows: [
        [
          ...[published, decided, memory.events, memory.samples].map(count),
          memory.resident.toFixed(2),
          memory.heap.toFixed(2),
        ],
      ],
    },
  ];
}

export function startsFigures(starts: Starts): Figures[] {
  const { rounds, startsPerTurn, tried, concurrency, asked, started } = starts;
  const size = [concurrency, rounds, startsPerTurn];
  return [
    {
      head: ['Events that start runs', 'calls at once', 'rounds', 'starts a turn', 'min', 'median', 'max', 'goal'],
      rows: besideBare(
        'starts/s of the listener over those of the best loop',
        "processor time of that loop over the listener's",
        size,
        starts,
      ),
    },
    {
      head: ['Loops that were tried: calls at once', 'starts/s over those of the best'],
      rows: tried.map((loop) => [loop.concurrency, loop.ratio.toFixed(2)]),
    },
    {
      head: ['Runs asked for', 'asked', 'started'],
      rows: [
        ['by events', count(asked.listener), count(started.listener)],
        ['by the loops', count(asked.loops), count(started.loops)],
      ],
    },
  ];
}

export function backlogFigures({
  rounds,
  events,
  approvals,
  decided,
  started,
  concurrency,
  ratio,
}: Backlog): Figures[] {
  return [
    {
      head: ['Backlog', 'starts at once of the bare client', 'rounds', 'min', 'median', 'max'],
      rows: [["time of the bare client over the listener's", concurrency, rounds, ...cellsOf(ratio)]],
    },
    {
      head: ['Events of a round', 'approvals among them', 'rounds', 'events decided on', 'runs started'],
      rows: [[events, approvals, rounds, decided, started].map(count)],
    },
  ];
}

const count = (value: number): string => value.toLocaleString('en-US');
