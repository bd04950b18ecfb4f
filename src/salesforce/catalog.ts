import { idOrUndefined, parseRecordId, type RecordId } from '../domain/record-id';
import type { CatalogView, PriceView, ProductView } from '../domain/views';
import type { SalesforceFields } from './fields';
import { choosePriceBook, type PriceBook } from './price-book';
import { queryAll } from './query';
import { number, parent, text, type Row } from './rows';
import type { SalesforceSession } from './session';
import { idLiteral } from './soql';

/** The catalog, for the cache. Each call reads Salesforce itself. */
export interface Catalog {
  readCatalog(): Promise<CatalogView>;
}

export interface CatalogOptions {
  /** The price book; {@link choosePriceBook} chooses unless given. */
  priceBookId?: RecordId | undefined;
  /** Told of several active custom books when none was named: once, and again when they change. */
  onSeveralBooks?: ((chosen: RecordId, custom: readonly RecordId[]) => void) | undefined;
}

/** What an entry, its product and its book must all be to be sold. */
export const CATALOG_CONDITIONS = ['IsActive', 'Product2.IsActive', 'Pricebook2.IsActive'] as const;

/** What the catalog needs of a PricebookEntry. */
export function catalogColumns(fields: SalesforceFields): string[] {
  // Prices have a currency only in an org of several, and there its name is fixed.
  const currencies = fields.order.currency === 'CurrencyIsoCode';
  const product = ['Name', 'ProductCode', 'Family', 'Description'].map((field) => `Product2.${field}`);
  const own = ['Id', 'UnitPrice', 'Pricebook2Id', 'Pricebook2.IsStandard', 'Product2Id'];
  return [...own, ...product, ...(currencies ? ['CurrencyIsoCode'] : [])];
}

/** Active entries of one active price book, by one query in pages. */
export function createCatalog(
  session: SalesforceSession,
  fields: SalesforceFields,
  { priceBookId, onSeveralBooks }: CatalogOptions = {},
): Catalog {
  const active = CATALOG_CONDITIONS.map((field) => `${field} = true`).join(' AND ');
  const book = priceBookId === undefined ? '' : ` AND Pricebook2Id = ${idLiteral(priceBookId)}`;
  const soql = `SELECT ${catalogColumns(fields).join(', ')} FROM PricebookEntry WHERE ${active}${book} ORDER BY Id`;

  let told = '';
  const choose = (rows: readonly Row[]): RecordId | undefined => {
    const { chosen, custom } = choosePriceBook(booksOf(rows));
    if (chosen === undefined || custom.length < 2) told = '';
    else if (told !== custom.join()) {
      told = custom.join();
      onSeveralBooks?.(chosen, custom);
    }
    return chosen;
  };

  return {
    async readCatalog() {
      const rows = await queryAll(session, soql, 'read the catalog');
      const chosen = priceBookId ?? choose(rows);
      const sold = rows.filter((row) => bookOf(row) === chosen);
      return { priceBookId: chosen ?? null, products: productsOf(sold) };
    },
  };
}

const bookOf = (row: Row): RecordId | undefined => idOrUndefined(parseRecordId, row['Pricebook2Id']);

function booksOf(rows: readonly Row[]): PriceBook[] {
  const books = new Map<RecordId, PriceBook>();
  for (const row of rows) {
    const id = bookOf(row);
    if (id !== undefined) books.set(id, { id, isStandard: parent(row, 'Pricebook2', 'IsStandard') === true });
  }
  return [...books.values()];
}

function productsOf(rows: readonly Row[]): ProductView[] {
  const products = new Map<RecordId, ProductView>();
  for (const row of rows) {
    const id = idOrUndefined(parseRecordId, row['Product2Id']);
    const price = priceOf(row);
    if (id === undefined || price === undefined) continue;
    const known = products.get(id);
    if (known !== undefined) known.prices.push(price);
    else products.set(id, { ...descriptionOf(row), id, prices: [price] });
  }
  return [...products.values()].sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id));
}

function priceOf(row: Row): PriceView | undefined {
  const id = idOrUndefined(parseRecordId, row['Id']);
  const unitPrice = number(row['UnitPrice']);
  return id === undefined || unitPrice === null ? undefined : { id, unitPrice, currency: text(row['CurrencyIsoCode']) };
}

function descriptionOf(row: Row): Omit<ProductView, 'id' | 'prices'> {
  const of = (field: string) => text(parent(row, 'Product2', field));
  return { name: of('Name') ?? '', code: of('ProductCode'), family: of('Family'), description: of('Description') };
}

/** By code units: the same in every process, whatever its locale. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
