import type { Books } from '../orders/shop';
import type { Spread } from '../spread';
import { table } from '../table';

/** What the part `peer` gives. */
export interface PeerReport {
  rates: PeerRates[];
  faults: FaultRow[];
}

/** Orders in a second, side by side. */
export interface PeerRates {
  /** What each answer of a vendor takes, ms. */
  delays: { salesforceMs: number; whmcsMs: number };
  rounds: number;
  /** Orders of a round, approved at once. */
  orders: number;
  /** Orders in a second of the product over those of the peer: 0.5 is half as many. */
  ratio: Spread;
  /** What came of all orders of all rounds, by contestant. */
  books: Record<string, Books>;
}

/** What came of the orders of one contestant after one fault. */
export interface FaultRow extends Books {
  fault: string;
  contestant: string;
  /** How often it was struck: orders whose answer was lost, processes killed, calls refused. */
  struck: number;
}

/** As tables for a person. */
export function peerTables({ rates, faults }: PeerReport): string[] {
  return [ratesTable(rates), faultsTable(faults)];
}

function ratesTable(rows: readonly PeerRates[]): string {
  return table(
    ['Orders/s against BullMQ', 'at once', 'rounds', 'min', 'median', 'max', 'of orders lost, doubled'],
    rows.map(({ delays, rounds, orders, ratio, books }) => [
      `vendors answer after ${delays.salesforceMs} ms and ${delays.whmcsMs} ms`,
      orders,
      rounds,
      ...[ratio.min, ratio.median, ratio.max].map((value) => value.toFixed(2)),
      Object.entries(books)
        .map(([name, { lost, doubled, orders: all }]) => `${name}: of ${all} ${lost}, ${doubled}`)
        .join('\n'),
    ]),
  );
}

function faultsTable(rows: readonly FaultRow[]): string {
  return table(
    ['Fault', '', 'struck', 'orders', 'lost', 'doubled', 'of these active twice'],
    rows.map((row) => [row.fault, row.contestant, row.struck, row.orders, row.lost, row.doubled, row.activeTwice]),
  );
}
