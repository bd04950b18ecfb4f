import fc from 'fast-check';
import { cancelMessage, cancelTimeOf } from '../../src/domain/cancel-message';

/** The workflow writes it and the guard reads it, by way of a field of Salesforce. */

const AT = Date.parse('2026-01-02T03:04:05.678Z');

test('the time that is written is the time that is read, whatever the reason says, and however it is cut', () => {
  const at = fc
    .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((date) => date.getTime());
  fc.assert(
    fc.property(at, fc.string(), fc.nat(50), (time, note, kept) => {
      const message = cancelMessage(time, note);
      expect(cancelTimeOf(message.slice(0, 25 + kept))).toBe(time);
    }),
  );
});

test.each<[string, unknown, number | undefined]>([
  ['a message', cancelMessage(AT, 'Cancelled: too early'), AT],
  ['one from before there was a time', 'Cancelled: too early', undefined],
  ['a time in its midst', `Cancelled at ${new Date(AT).toISOString()} by hand`, undefined],
  ['a time that is none', '2026-99-99T99:99:99Z Cancelled', undefined],
  ['an empty field', null, undefined],
])('%s', (_what, message, time) => {
  expect(cancelTimeOf(message)).toBe(time);
});
