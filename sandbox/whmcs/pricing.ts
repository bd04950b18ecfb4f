import { RECURRING_CYCLES, type Cycle, type Prices, type Product, type RecurringCycle } from './entities';

/** What one unit costs. Amounts are in the client's currency. */
export interface Quote {
  cycle: Cycle;
  recurring: number;
  setup: number;
}

/** Two decimals, as WHMCS prints amounts. */
export function money(amount: number): string {
  return amount.toFixed(2);
}

/**
 * The price of a product for a wanted cycle. A cycle that the product does not offer silently becomes the first one that
 * it does, as in the shopping cart, so a client that cares must compare what it got. Undefined if nothing is for sale in
 * this currency.
 */
export function quote(product: Product, currencyCode: string, wanted: string): Quote | undefined {
  if (product.paytype === 'free') return { cycle: 'free', recurring: 0, setup: 0 };
  const prices = product.pricing[currencyCode];
  if (prices === undefined) return undefined;
  if (product.paytype === 'onetime') {
    const price = prices.cycles.monthly;
    return price === undefined ? undefined : priced(prices, 'monthly', 'onetime', price);
  }
  const asked = normalCycle(wanted);
  const cycle =
    asked !== undefined && prices.cycles[asked] !== undefined
      ? asked
      : RECURRING_CYCLES.find((candidate) => prices.cycles[candidate] !== undefined);
  const price = cycle === undefined ? undefined : prices.cycles[cycle];
  return cycle === undefined || price === undefined ? undefined : priced(prices, cycle, cycle, price);
}

function priced(prices: Prices, row: RecurringCycle, cycle: Cycle, price: string): Quote {
  return { cycle, recurring: Number(price), setup: Number(prices.setup[row] ?? '0') };
}

/** `Semi-Annually`, `semiannually` and `SemiAnnually` are one cycle. */
function normalCycle(text: string): RecurringCycle | undefined {
  const plain = text.toLowerCase().replace(/[^a-z]/g, '');
  return RECURRING_CYCLES.find((cycle) => cycle === plain);
}

const MONTHS: Record<RecurringCycle, number> = {
  monthly: 1,
  quarterly: 3,
  semiannually: 6,
  annually: 12,
  biennially: 24,
  triennially: 36,
};

/** The day when a service falls due next; services without renewal have WHMCS's null date. */
export function nextDueDate(from: string, cycle: Cycle): string {
  if (cycle === 'onetime' || cycle === 'free') return '0000-00-00';
  const date = new Date(`${from}T00:00:00Z`);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + MONTHS[cycle]);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return date.toISOString().slice(0, 10);
}
