import * as fc from 'fast-check';
import { idSuffix, parseAccountId, parseOrderId, parseRecordId } from '../../src/domain/order';

describe('record ids', () => {
  it('widens a 15-character id with the suffix that Salesforce gives it', () => {
    // A real id, from the examples in jsforce's documentation.
    expect(idSuffix('0017000000hOMCh')).toBe('AAO');
    expect(parseRecordId('0017000000hOMCh')).toBe('0017000000hOMChAAO');
  });

  it('gives 15 and 18 characters of one record the same id', () => {
    const fifteen = fc.stringMatching(/^801[0-9A-Za-z]{12}$/);
    fc.assert(
      fc.property(fifteen, (id) => {
        const wide = parseOrderId(id);
        expect(wide).toHaveLength(18);
        expect(wide.startsWith(id)).toBe(true);
        expect(parseOrderId(wide)).toBe(wide);
      }),
    );
  });

  it('tells two ids apart that differ in case only', () => {
    expect(parseOrderId('801000000000abc')).not.toBe(parseOrderId('801000000000ABC'));
  });

  it.each([
    ['nothing', ''],
    ['another type', 801],
    ['too short', '80100000000001'],
    ['16 characters', '8010000000000011'],
    ['a lost case: the suffix is of another id', '801000000000abcAAE'],
    ['a quote', "801000000000'OR"],
    ['a wildcard', '801*'],
    ['a line break', '801000000000001\n'],
    ['the dummy id of an overflow', '000000000000000AAA'],
    ['an id of another object', '001000000000001AAA'],
  ])('refuses %s', (_name, text) => {
    expect(() => parseOrderId(text)).toThrow(expect.objectContaining({ code: 'INVALID_ID' }) as Error);
  });

  it('never repeats a hostile text whole in its message', () => {
    expect(() => parseAccountId(`001${'\n'.repeat(500)}`)).toThrow(/^"001\?+…" is not the id of a Salesforce Account/);
  });
});
