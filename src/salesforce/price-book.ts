import type { RecordId } from '../domain/record-id';

/** An active price book. */
export interface PriceBook {
  id: RecordId;
  isStandard: boolean;
}

/**
 * The book that the catalog is of when nobody has named one: the org's only active custom one, since that is what an org makes
 * to sell from; with none, or several, the standard one.
 */
export function choosePriceBook(books: readonly PriceBook[]): { chosen: RecordId | undefined; custom: RecordId[] } {
  const custom = books.filter(({ isStandard }) => !isStandard).map(({ id }) => id);
  // Ids are ASCII: by code units, and so the same in every process.
  custom.sort();
  const standard = books.find(({ isStandard }) => isStandard)?.id;
  return { chosen: custom.length === 1 ? custom[0] : (standard ?? custom[0]), custom };
}
