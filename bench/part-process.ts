import { join } from 'node:path';
import type { Part } from './arguments';
import type { HitsRequest } from './cache/hits-process';
import { invalidationRatios } from './cache/invalidations';
import { sourceReads } from './cache/one-read';
import { staleAnswers } from './cache/races';
import { answerRequests, Forked } from './forked';
import { ListenerParts } from './listener/parts';
import type * as Cost from './orders/cost';
import { latencies } from './orders/latency';
import { variants } from './orders/variants';
import { besideAQueue } from './peer/beside-a-queue';
import { growth, type GrowthCase } from './processes/growth';
import { startUps } from './processes/start-up';
import type { RateRatio, Report } from './report';

/** What a process is asked that measures parts, one after another: one that is cut is ended with it, and disturbs no other. */
export interface PartRequest {
  part: Part;
  /** The parts that it will be asked after this one. */
  after: readonly Part[];
  quick: boolean;
  /** The rows of the part `growth`, where it was said which. */
  growth: readonly GrowthCase[] | undefined;
  /** Folder of a build of the product, where the part is one of `RUN_A_BUILD`. */
  build: string | undefined;
}

/** What the part puts into the report. */
export type PartAnswer = Partial<Omit<Report, 'quick' | 'run'>>;

/** What fits a run; more takes a run of its own. */
const GROWTH: readonly GrowthCase[] = [
  { orders: 100, workers: 1 },
  { orders: 100, workers: 4 },
  { orders: 250, workers: 1 },
];
const QUICK_GROWTH: readonly GrowthCase[] = [{ orders: 20, workers: 1 }];

let listener: ListenerParts | undefined;

const MEASURE: Record<Part, (request: PartRequest) => Promise<PartAnswer>> = {
  async orders() {
    // Only when asked for: it brings Temporal's runtime, which keeps a process alive until a worker has ended.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a native import() does not go through tsx
    const { orderCosts } = require('./orders/cost') as typeof Cost;
    return { orders: await orderCosts() };
  },
  async latency(request) {
    const sizes = request.quick ? { rounds: 1, alone: 2, together: 10 } : { rounds: 3, alone: 3, together: 20 };
    return { latency: await latencies(sizes, buildOf(request)) };
  },
  async variants({ quick }) {
    return {
      variants: await (quick ? variants(1, { alone: 2, together: 10 }) : variants(2, { alone: 3, together: 10 })),
    };
  },
  async peer(request) {
    return { peer: await besideAQueue(request.quick, buildOf(request)) };
  },
  async reads({ quick }) {
    return { reads: await sourceReads(quick ? 200 : 1_000) };
  },
  async races({ quick }) {
    return { races: await staleAnswers(quick ? 20 : 40) };
  },
  async hits({ quick }) {
    const child = await Forked.start<HitsRequest, RateRatio[]>(join(__dirname, 'cache', 'hits-process.ts'));
    try {
      return { hits: await child.ask(quick ? { rounds: 5, turnMs: 50 } : { rounds: 19, turnMs: 50 }) };
    } finally {
      await child.kill();
    }
  },
  async invalidations({ quick }) {
    return { invalidations: await (quick ? invalidationRatios(3, 100) : invalidationRatios(11, 150)) };
  },
  async 'idle-events'(request) {
    return { idleEvents: await listenerFor(request).idleEvents() };
  },
  async starts(request) {
    return { starts: await listenerFor(request).starts() };
  },
  async backlog(request) {
    return { backlog: await listenerFor(request).backlog() };
  },
  async startup(request) {
    return { startup: await startUps(request.quick ? 1 : 3, buildOf(request)) };
  },
  async growth(request) {
    const cases = request.growth ?? (request.quick ? QUICK_GROWTH : GROWTH);
    return { growth: await growth(cases, buildOf(request)) };
  },
};

/** The parts about the listener share what they need. */
function listenerFor(request: PartRequest): ListenerParts {
  const { part, after, quick } = request;
  listener ??= new ListenerParts(buildOf(request), [part, ...after], quick);
  return listener;
}

function buildOf({ part, build }: PartRequest): string {
  if (build === undefined) throw new Error(`${part} runs processes of the product, and was given no build`);
  return build;
}

answerRequests((request: PartRequest) => MEASURE[request.part](request));
