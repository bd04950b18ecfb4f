import { priceBook } from '../../src/cli/doctor/price-book';
import { parseRecordId } from '../../src/domain/record-id';

const book = (n: number, name: string, isStandard = false) => ({
  id: parseRecordId(`01s00000000000${n}`),
  name,
  isStandard,
});
const [standard, shop, resellers] = [book(1, 'Standard', true), book(2, 'Shop'), book(3, 'Resellers')];

describe('the price book of the catalog', () => {
  it.each([
    ['none is active', [], undefined, 'warn', 'no price book is active'],
    ['the standard one alone', [standard], undefined, 'ok', 'Standard'],
    ['one custom one', [standard, shop], undefined, 'ok', 'Shop'],
    ['several custom ones', [standard, shop, resellers], undefined, 'warn', 'of Standard'],
    ['several, and no standard one', [resellers, shop], undefined, 'warn', 'of Shop'],
    ['several, one named', [standard, shop, resellers], resellers.id, 'ok', 'Resellers'],
    ['one named that is not active', [standard, shop], resellers.id, 'fail', resellers.id],
  ])('%s', (_what, active, named, status, told) => {
    const found = priceBook(active, named);
    expect(found.status).toBe(status);
    expect(found.finding).toContain(told);
    expect(found.repair === undefined).toBe(status === 'ok');
  });

  it('names the choices', () => {
    expect(priceBook([standard, shop, resellers], undefined).repair).toContain(
      `${shop.id} (Shop), ${resellers.id} (Resellers)`,
    );
  });
});
