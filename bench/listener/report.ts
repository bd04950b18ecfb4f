import type { Spread } from '../spread';
import { table } from '../table';

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
  /** Starts per second of the listener over those of a loop with so many calls at once. */
  loops: { concurrency: number; best: boolean; ratio: Spread }[];
  /** Against the best loop. */
  goal: number;
}

/** A backlog, some of whose events start runs: the listener beside the bare client that reads it and starts the runs in a loop. */
export interface Backlog {
  events: number;
  approvals: number;
  /** Events that the listener decided on, and runs that it started. */
  decided: number;
  started: number;
  /** Time of the bare client to the end of the backlog, with so many starts at once, over that of the listener: 1 is as fast. */
  limits: { concurrency: number; best: boolean; ratio: number }[];
}

export function idleEventsTable(idle: IdleEvents): string {
  const { rounds, eventsPerTurn, ratio, goal, processorTime, memory } = idle;
  const head = ['Events that start nothing', 'rounds', 'events a turn', 'min', 'median', 'max', 'goal'];
  const speed = table(head, [
    ['events/s of the listener over a bare client', rounds, eventsPerTurn, ...texts(ratio), judged(goal, ratio)],
    ['processor time of a bare client over the listener', rounds, eventsPerTurn, ...texts(processorTime), ''],
  ]);
  const grown = table(
    ['Memory, last quarter over first', 'events', 'resident', 'heap'],
    [['listener', memory.events, memory.resident.toFixed(2), memory.heap.toFixed(2)]],
  );
  return `${speed}\n\n${grown}`;
}

export function startsTable({ loops, rounds, startsPerTurn, goal }: Starts): string {
  return table(
    ['Events that start runs', 'calls at once', 'rounds', 'starts a turn', 'min', 'median', 'max', 'goal'],
    loops.map(({ concurrency, best, ratio }) => [
      `starts/s of the listener over a loop${best ? ', the best' : ''}`,
      concurrency,
      rounds,
      startsPerTurn,
      ...texts(ratio),
      best ? judged(goal, ratio) : '',
    ]),
  );
}

export function backlogTable({ events, approvals, limits }: Backlog): string {
  return table(
    ['Backlog', 'events', 'approvals', 'calls at once', 'ratio'],
    limits.map(({ concurrency, best, ratio }) => [
      `time of the bare clients over the listener's${best ? ', the best' : ''}`,
      events,
      approvals,
      concurrency,
      ratio.toFixed(2),
    ]),
  );
}

const texts = ({ min, median, max }: Spread): string[] => [min, median, max].map((value) => value.toFixed(2));
const judged = (goal: number, { median }: Spread): string => `${goal} ${median >= goal ? 'met' : 'not met'}`;
