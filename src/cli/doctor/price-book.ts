import type { RecordId } from '../../domain/record-id';
import { choosePriceBook, type PriceBook } from '../../salesforce/price-book';
import { fail, ok, warn, type Finding } from './check';

/** Whether it is certain which price book the portal's catalog is of. `named`: `SF_PRICE_BOOK_ID`. Pure. */
export function priceBook(active: readonly (PriceBook & { name: string })[], named: RecordId | undefined): Finding {
  const about = (id: RecordId | undefined): string => active.find((book) => book.id === id)?.name ?? String(id);
  if (named !== undefined) {
    if (active.some(({ id }) => id === named)) return ok(`${about(named)}, as SF_PRICE_BOOK_ID says`);
    return fail(
      `SF_PRICE_BOOK_ID is ${named}, which is no active price book that the integration user may see`,
      'Name one of Setup, Price Books, or activate it: the catalog is empty until then.',
    );
  }
  const { chosen, custom } = choosePriceBook(active);
  if (chosen === undefined) {
    return warn('no price book is active, or the integration user may see none', 'Activate the one to sell from.');
  }
  if (custom.length < 2)
    return ok(`${about(chosen)}: ${custom.length === 1 ? 'the only custom one' : 'no custom one'}`);
  return warn(
    `${custom.length} custom price books are active, and the portal’s catalog is of ${about(chosen)}`,
    `Set SF_PRICE_BOOK_ID to the one to sell from: ${custom.map((id) => `${id} (${about(id)})`).join(', ')}.`,
  );
}
