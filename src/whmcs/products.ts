import type { WhmcsClient } from './client';
import { id, list, number, text, type Fields } from './decode';

/** What has to be known of a WHMCS product before it is sold. */
export interface WhmcsProduct {
  id: string;
  /** The id of the custom field that holds the marker; undefined where the product has none. */
  markerFieldId: string | undefined;
  /** `free` and `onetime` products take any cycle; for `recurring` ones only priced cycles can be ordered. */
  payType: string;
  /** Cycles with a price, by currency. */
  pricedCycles: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface WhmcsProducts {
  /**
   * The products by id, from memory where possible.
   *
   * GetProducts is sent once per process, and once more in a call of this method whose `content` says no to what is in memory:
   * somebody may just have added the product, or its field, in WHMCS.
   */
  get(content: (known: ReadonlyMap<string, WhmcsProduct>) => boolean): Promise<ReadonlyMap<string, WhmcsProduct>>;
  /** All products, freshly read. */
  all(): Promise<WhmcsProduct[]>;
  /** Reads anew at the next use: what is in memory has proved wrong. */
  forget(): void;
}

const CYCLES = ['monthly', 'quarterly', 'semiannually', 'annually', 'biennially', 'triennially'] as const;

/**
 * A product as GetProducts describes it. It lists only custom fields with "Show on Order Form" ticked
 * (developers.whmcs.com, GetProducts), so the marker field must have it, along with "Admin Only" to be hidden.
 */
export function readProduct(fields: Fields, markerField: string): WhmcsProduct | undefined {
  const productId = id(fields['pid']);
  if (productId === undefined) return undefined;
  // A field may be named `name|what clients are shown`.
  const marker = list(fields['customfields'], 'customfield').find(
    (field) => text(field['name']).split('|')[0]?.trim() === markerField,
  );
  const pricing = fields['pricing'];
  const currencies = typeof pricing === 'object' && pricing !== null ? Object.entries(pricing as Fields) : [];
  // "-1.00" is a cycle that is not on sale.
  const priced = (prices: unknown) => CYCLES.filter((cycle) => (number((prices as Fields | null)?.[cycle]) ?? -1) >= 0);
  return {
    id: productId,
    markerFieldId: marker && id(marker['id']),
    payType: text(fields['paytype']),
    pricedCycles: new Map(currencies.map(([currency, prices]) => [currency, new Set(priced(prices))])),
  };
}

/** Keeps what GetProducts said in memory; concurrent readers share one request. */
export function createWhmcsProducts(client: WhmcsClient, markerField: string): WhmcsProducts {
  let flight: Promise<ReadonlyMap<string, WhmcsProduct>> | undefined;

  async function fetchAll(): Promise<ReadonlyMap<string, WhmcsProduct>> {
    const answer = await client.call('GetProducts', {}, `for the custom field "${markerField}"`);
    const products = list(answer['products'], 'product').map((fields) => readProduct(fields, markerField));
    return new Map(products.filter((product) => product !== undefined).map((product) => [product.id, product]));
  }

  function refresh(): Promise<ReadonlyMap<string, WhmcsProduct>> {
    const mine = fetchAll();
    flight = mine;
    // A failure is not remembered, or one outage would outlive itself.
    mine.catch(() => {
      if (flight === mine) flight = undefined;
    });
    return mine;
  }

  return {
    async get(content) {
      const used = flight;
      const known = await (used ?? refresh());
      if (used === undefined || content(known)) return known;
      // Whoever comes second while a refresh is under way takes part in it.
      return flight === used || flight === undefined ? refresh() : flight;
    },
    async all() {
      return [...(await refresh()).values()];
    },
    forget() {
      flight = undefined;
    },
  };
}
