import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderId } from '../../src/domain/order';
import { within } from '../deadline';
import type { Contestant } from './contestant';
import { answerLost, killedAfterAdding, listenerRestarted, longOutage, redisEmptied, type Fault } from './faults';
import type { Peer } from './peer';
import type { FaultRow } from './report';

/** Those that each goes through at his own pace, and those that both meet at the same time. */
const FAULTS = { alone: [killedAfterAdding, answerLost, listenerRestarted, redisEmptied], together: [longOutage()] };
/** The one that takes least time. */
const QUICK_FAULTS = { alone: [answerLost], together: [] };

const STRIKE_LIMIT_MS = 60_000;
/** For so long nothing must have been under way before the books are read; twice that where an order is not done. */
const QUIET_MS = 2_000;
const PATIENCE_MS = 60_000;
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

async function mine(ours: Contestant, faults: readonly Fault[]): Promise<FaultRow[]> {
  const rows: FaultRow[] = [];
  for (const fault of faults) rows.push(await row(fault, ours));
  return rows;
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
  const { orders, struck } = await within(STRIKE_LIMIT_MS, `${fault.name}: ${name}`, fault.strike(contestant));
  await settled(contestant, orders);
  contestant.shop.whmcs.faults.clear();
  return { fault: fault.name, contestant: name, struck, ...contestant.shop.judge(orders) };
}

/** Until all is done and at rest, or nothing moves any more: what is not done then is lost until a person sees it. */
async function settled(contestant: Contestant, orders: readonly OrderId[]): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  let restSince: number | undefined;
  while (performance.now() < end) {
    const atRest = await contestant.atRest().catch(() => false);
    restSince = atRest ? (restSince ?? performance.now()) : undefined;
    const needed = contestant.shop.judge(orders).lost === 0 ? QUIET_MS : 2 * QUIET_MS;
    if (restSince !== undefined && performance.now() - restSince > needed) return;
    await sleep(LOOK_EVERY_MS);
  }
}
