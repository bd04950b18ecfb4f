import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderId } from '../../src/domain/order';
import { within } from '../deadline';
import type { Contestant } from './contestant';
import {
  answerLost,
  killedAfterAdding,
  listenerRestarted,
  longOutage,
  redisEmptied,
  type Fault,
  type Struck,
} from './faults';
import type { Peer } from './peer';
import type { FaultRow } from './report';

/** Those that each goes through at his own pace, and those that both meet at the same time. */
const FAULTS = { alone: [killedAfterAdding, answerLost, listenerRestarted, redisEmptied], together: [longOutage()] };
/** The one that takes least time. */
const QUICK_FAULTS = { alone: [answerLost], together: [] };

const STRIKE_LIMIT_MS = 60_000;
/** For so long nothing must have been under way before the books are read; twice that where an order is not done. */
const QUIET_MS = 2_000;
/**
 * Longer than a fault can keep an order under way: an attempt at AddOrder whose worker is dead ends after five calls and 45 s
 * (`workflows/effects.ts`), 75 s under these limits; then come the quiet period and the look-up.
 */
const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 100;

/** The same faults for the product and for the peer, side by side; what came of the orders is read from the emulators' books. */
export async function faultRows(ours: Contestant, peer: Peer, quick: boolean): Promise<FaultRow[]> {
  const { alone, together } = quick ? QUICK_FAULTS : FAULTS;
  const rows = (await Promise.all([mine(ours, alone), ofPeer(peer, alone)])).flat();
  for (const fault of together) {
    rows.push(...(await Promise.all([ours, peer].map((contestant) => row(fault, contestant)))));
  }
  // By fault, and of each the product first.
  return [...alone, ...together].flatMap(({ name }) => rows.filter((each) => each.fault === name));
}

/**
 * Most of the time goes into waiting for a dead worker's attempts. The other faults need not: once it is struck that one leaves nothing
 * switched on, and they strike other orders. Only `together`, which all calls meet, comes after it.
 */
async function mine(ours: Contestant, faults: readonly Fault[]): Promise<FaultRow[]> {
  const rows: Promise<FaultRow>[] = [];
  for (const fault of faults) {
    const outcome = outcomeOf(fault, ours, await strike(fault, ours));
    rows.push(outcome);
    if (fault === killedAfterAdding) continue;
    await outcome;
    ours.shop.whmcs.faults.clear();
  }
  return Promise.all(rows);
}

async function ofPeer(peer: Peer, faults: readonly Fault[]): Promise<FaultRow[]> {
  const rows: FaultRow[] = [];
  for (const fault of faults) {
    rows.push(await row(fault, peer));
    if (fault !== listenerRestarted) continue;
    peer.checkpoint = 'none';
    rows.push(await row(fault, peer, `${peer.name}, without a checkpoint`));
    peer.checkpoint = 'client';
  }
  return rows;
}

async function row(fault: Fault, contestant: Contestant, name = contestant.name): Promise<FaultRow> {
  const outcome = await outcomeOf(fault, contestant, await strike(fault, contestant, name), name);
  contestant.shop.whmcs.faults.clear();
  return outcome;
}

function strike(fault: Fault, contestant: Contestant, name = contestant.name): Promise<Struck> {
  return within(STRIKE_LIMIT_MS, `${fault.name}: ${name}`, fault.strike(contestant));
}

async function outcomeOf(
  { name: fault }: Fault,
  contestant: Contestant,
  { orders, struck }: Struck,
  name = contestant.name,
): Promise<FaultRow> {
  const atRest = await settled(contestant, orders);
  return { fault, contestant: name, struck, atRest, ...contestant.shop.judge(orders) };
}

/**
 * Until all is done and at rest, or nothing moves any more: what is not done then is lost until a person sees it.
 * @returns whether it came to that: else the books tell nothing yet
 */
export async function settled(
  contestant: Pick<Contestant, 'atRest' | 'shop'>,
  orders: readonly OrderId[],
  patienceMs = PATIENCE_MS,
): Promise<boolean> {
  const end = performance.now() + patienceMs;
  let restSince: number | undefined;
  while (performance.now() < end) {
    const atRest = await contestant.atRest(orders).catch(() => false);
    restSince = atRest ? (restSince ?? performance.now()) : undefined;
    const needed = contestant.shop.judge(orders).lost === 0 ? QUIET_MS : 2 * QUIET_MS;
    if (restSince !== undefined && performance.now() - restSince > needed) return true;
    await sleep(LOOK_EVERY_MS);
  }
  return false;
}
