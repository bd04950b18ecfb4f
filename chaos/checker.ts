import { setTimeout as sleep } from 'node:timers/promises';
import { judgeBooks, pending, type BooksVerdict } from './books';
import type { Plan } from './plan';
import type { Readers } from './readers';
import { isAnyAtWork, runProblems } from './runs';
import type { Workload } from './workload';
import type { World } from './world';

/**
 * Judges by what an outsider can see: WHMCS's books, Salesforce's records, Redis, the portal's answers and Temporal's visibility.
 * It imports nothing of the product; the names it spells are the contract's.
 */

/** `problems`: everything that is not as promised, one line each; none: sound. */
export interface Verdict extends BooksVerdict {
  /** Things of which the portal gave stale answers. */
  stale: number;
}

/** Longer than a failover and the backoff after it. */
const STREAM_PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 100;

/**
 * `done`: nothing is left to wait for; every approved order is settled, no run works, and every topic is read to its end. `still`: nobody
 * is at work any more, though not all is done. `busy`: otherwise.
 */
export type Rest = 'busy' | 'still' | 'done';

export async function restOf({ world, workload }: { world: World; workload: Workload }): Promise<Rest> {
  if (streamProblems(world).length > 0) return 'busy';
  try {
    // In this order: what an event has begun is there before the checkpoint passes it.
    if ((await checkpointProblems(world)).length > 0) return 'busy';
    if (await world.inTemporal(isAnyAtWork)) return 'busy';
  } catch {
    // What cannot be looked at is not quiet.
    return 'busy';
  }
  const { store } = world.salesforce;
  const statuses = workload.approved.map((id) => store.get('Order', id)?.['Activation_Status__c']);
  const isSettled = statuses.every((status) => status === 'Activated' || status === 'Failed');
  return isSettled && pending(world).length === 0 ? 'done' : 'still';
}

export async function check(world: World, workload: Workload, readers: Readers, plan: Plan): Promise<Verdict> {
  const books = judgeBooks(world, workload.orders, plan);
  const { stale, unanswered } = await readers.wrongNow();
  const told = [...readers.wrong(), ...stale];
  const temporal = await asked('Temporal', () => world.inTemporal((client) => runProblems(world, workload, client)));
  const redis = await asked('Redis', async () => [...(await checkpointProblems(world)), ...(await deadLetters(world))]);
  return {
    ...books,
    problems: [
      ...books.problems,
      ...told,
      ...unanswered,
      ...temporal,
      ...redis,
      ...(await lastingStreamProblems(world)),
      ...world.slots.unexpectedEnds,
      ...(readers.served === 0 ? ['the portal answered nobody'] : []),
    ],
    stale: told.length,
  };
}

/** What a look finds, or that it could not be had. */
async function asked(what: string, look: () => Promise<string[]>): Promise<string[]> {
  try {
    return await look();
  } catch (error) {
    return [`${what} could not be asked: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Each topic is read, and by one listener only: each delivery counts against the org. */
function streamProblems({ salesforce, topics }: World): string[] {
  const { openStreams } = salesforce.pubsub.stats();
  return topics.flatMap((topic) => {
    const open = openStreams[topic] ?? 0;
    return open === 1 ? [] : [`${open} streams are open on ${topic} instead of one`];
  });
}

/** A stream that is being opened anew when it is looked at is no breach: what is still so after the patience is. */
async function lastingStreamProblems(world: World): Promise<string[]> {
  const end = performance.now() + STREAM_PATIENCE_MS;
  for (;;) {
    const problems = streamProblems(world);
    if (problems.length === 0 || performance.now() > end) return problems;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Each topic's checkpoint is at its last event. */
async function checkpointProblems(world: World): Promise<string[]> {
  const problems: string[] = [];
  for (const topic of world.topics) {
    const checkpoint = await world.checkpoint(topic);
    const last = world.salesforce.events.topics.get(topic)?.log.retained().at(-1)?.position;
    if (last !== undefined && (checkpoint === undefined || checkpoint < last))
      problems.push(`the checkpoint of ${topic} is at ${checkpoint ?? 'nothing'}, its last event at ${last}`);
  }
  return problems;
}

/** No event was put aside. */
async function deadLetters(world: World): Promise<string[]> {
  const dead = await world.inRedis((redis) => redis.hLen('order-provisioning:listener:{dead-letters}:index'));
  return dead > 0 ? [`${dead} events were put aside as dead letters`] : [];
}
