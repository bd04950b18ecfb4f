import fc from 'fast-check';
import { Ledger, type Entry } from '../../src/listener/subscription/ledger';
import {
  bytesOfReplayId,
  isAfter,
  keyOfReplayId,
  parseReplayId,
  replayIdOfBytes,
  replayIdOrUndefined,
} from '../../src/listener/subscription/replay-id';

const id = (n: number | bigint) => parseReplayId(String(n));
const parseBytes = (text: string) => replayIdOrUndefined(text) ?? id(0);

describe('the ledger', () => {
  it('the position never passes an entry that is not done, whatever the order of arrival and of completion', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 30 }) }) },
      { weight: 4, arbitrary: fc.record({ settle: fc.nat(30) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const ledger = new Ledger(id(0));
        const open: { entry: Entry; n: number }[] = [];
        const done = new Set<number>();
        for (const one of steps) {
          if ('add' in one) open.push({ entry: ledger.add(id(one.add), true, 0), n: one.add });
          else {
            const [chosen] = open.splice(one.settle % Math.max(1, open.length), 1);
            if (chosen === undefined) continue;
            ledger.settle(chosen.entry);
            done.add(chosen.n);
          }
          const { position } = ledger.due ?? {};
          if (position === undefined) continue;
          // Repeats of what was done before may be open; anything else below the position may not.
          for (const { n } of open) if (n <= Number(position)) expect(done).toContain(n);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('holds credit until the position behind it is saved, and gives all of it back', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], { minLength: 8 }), (order) => {
        const ledger = new Ledger();
        const entries = new Map([1, 2, 3, 4, 5, 6, 7, 8].map((n) => [n, ledger.add(id(n), true, n)]));
        for (const n of order) {
          const before = ledger.held;
          const entry = entries.get(n);
          if (entry !== undefined) ledger.settle(entry);
          expect(ledger.held).toBe(before);
        }
        const { due } = ledger;
        expect(due).toEqual({ position: '8', credit: 8 });
        if (due !== undefined) ledger.saved(due);
        expect([ledger.held, ledger.unsettled, ledger.due]).toEqual([0, 0, undefined]);
      }),
    );
  });

  it('goes back for an event that comes late and was never seen, and not for one that was', () => {
    const ledger = new Ledger();
    for (const n of [5, 9]) ledger.settle(ledger.add(id(n), true, 0));
    ledger.saved({ position: id(9), credit: 2 });
    ledger.settle(ledger.add(id(5), true, 0));
    expect(ledger.due).toEqual({ position: undefined, credit: 1 });
    const late = ledger.add(id(7), true, 0);
    expect(ledger.due?.position).toBe('5');
    ledger.settle(late);
    expect(ledger.due?.position).toBeUndefined();
  });
});

describe('a replay id', () => {
  it('goes from bytes to text and back exactly, whatever its length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 16 }), (bytes) => {
        const text = replayIdOfBytes(bytes);
        if (text === undefined) throw new Error('no id');
        expect(replayIdOrUndefined(text)).toBe(text);
        const back = bytesOfReplayId(text);
        const [a, b] = [Buffer.from(bytes), Buffer.alloc(Math.max(bytes.length, back.length))];
        back.copy(b);
        expect(Buffer.concat([a, Buffer.alloc(b.length - a.length)]).equals(b)).toBe(true);
      }),
    );
  });

  it('is a decimal number where it is the number and zeros that Salesforce sends', () => {
    const bytes = Buffer.alloc(10);
    bytes.writeBigUInt64BE(2n ** 63n + 5n);
    expect(replayIdOfBytes(bytes)).toBe('9223372036854775813');
    expect(isAfter(id(2n ** 63n + 5n), id(2n ** 63n + 4n))).toBe(true);
  });

  it('is compared by its bytes, of any size and shape', () => {
    const near = [0n, 256n, 2n ** 31n, 2n ** 32n, 10n ** 14n, 10n ** 15n, 2n ** 53n, 2n ** 63n];
    const numbers = near.flatMap((n) => [n, n + 1n, n === 0n ? 2n : n - 1n]).map(id);
    const ids = [...numbers, ...['0x00', '0x0100', '0xffffffffffff', '0x0000000000000100ff'].map(parseBytes)];
    for (const a of ids) {
      expect(keyOfReplayId(a)).toBe(bytesOfReplayId(a).toString('latin1'));
      for (const b of ids) expect(isAfter(a, b)).toBe(Buffer.compare(bytesOfReplayId(a), bytesOfReplayId(b)) > 0);
    }
  });

  it.each([undefined, null, 7, '', '-1', '1.5', '1e3', '18446744073709551616', '0x', '0xabc', ' 1', '1\n'])(
    '%p is none',
    (text) => {
      expect(replayIdOrUndefined(text)).toBeUndefined();
    },
  );
});
