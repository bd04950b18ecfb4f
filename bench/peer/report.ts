import type { Books } from '../orders/shop';
import type { Spread } from '../spread';
import { cellsOf, type Figures } from '../figures';

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
  /** Whether the orders came to rest in time: else what the books said of them is no outcome. */
  atRest: boolean;
}

export function ratesFigures(rows: readonly PeerRates[]): Figures[] {
  return [
    {
      head: ['Orders/s over those of BullMQ', 'at once', 'rounds', 'min', 'median', 'max', 'lost and doubled'],
      rows: rows.map(({ delays, rounds, orders, ratio, books }) => [
        conditionOf(delays),
        orders,
        rounds,
        ...cellsOf(ratio),
        Object.entries(books)
          .map(([name, { lost, doubled, orders: all }]) => `${name}: ${lost} and ${doubled} of ${all}`)
          .join('; '),
      ]),
    },
  ];
}

/** Under which delays, in words. */
export function conditionOf({ salesforceMs, whmcsMs }: PeerRates['delays']): string {
  if (salesforceMs === 0 && whmcsMs === 0) return 'vendors answer at once';
  return `Salesforce answers after ${salesforceMs} ms, WHMCS after ${whmcsMs} ms`;
}

const NOT_AT_REST = '**not at rest**';

export function faultsFigures(rows: readonly FaultRow[]): Figures[] {
  return [
    {
      head: ['Fault', '', 'struck', 'orders', 'lost', 'doubled', 'of these active twice'],
      rows: rows.map((row) => [
        row.fault,
        row.contestant,
        row.struck,
        row.orders,
        ...(row.atRest ? [row.lost, row.doubled, row.activeTwice] : Array.from({ length: 3 }, () => NOT_AT_REST)),
      ]),
    },
  ];
}
