import { ParsedEntries } from '../../src/cache/parsed-entries';

/** What came before is not parsed again, and only the very same bytes are what came before. */

const FIELD = 'order@1';
const text = (payload: string): string => `${FIELD} V 1 2 3 stamp ${payload}`;

it('gives the same entry for the same bytes, and another for others', () => {
  const parsed = new ParsedEntries();
  const first = parsed.parse('order:1', FIELD, text('{"status":"Draft"}'));
  expect(first?.payload).toEqual({ status: 'Draft' });
  expect(parsed.parse('order:1', FIELD, text('{"status":"Draft"}'))).toBe(first);
  expect(parsed.parse('order:1', FIELD, text('{"status":"Ready"}'))?.payload).toEqual({ status: 'Ready' });
  expect(parsed.parse('order:1', FIELD, `${FIELD} V 9 9 9 stamp {"status":"Ready"}`)?.readAt).toBe(9);
});

it('keeps no bytes that cannot be read, nor what stood there before', () => {
  const parsed = new ParsedEntries();
  const before = parsed.parse('order:1', FIELD, text('{}'));
  expect(parsed.parse('order:1', FIELD, text('{'))).toBeUndefined();
  expect(parsed.parse('order:1', FIELD, text('{'))).toBeUndefined();
  expect(parsed.parse('order:1', FIELD, text('{}'))).not.toBe(before);
});

it('forgets the longest known above its limit', () => {
  const parsed = new ParsedEntries((text('{}').length - `${FIELD} `.length) * 2);
  const [first, second] = [parsed.parse('order:1', FIELD, text('{}')), parsed.parse('order:2', FIELD, text('{}'))];
  expect(parsed.parse('order:1', FIELD, text('{}'))).toBe(first);
  parsed.parse('order:3', FIELD, text('{}'));
  expect(parsed.parse('order:2', FIELD, text('{}'))).toBe(second);
  expect(parsed.parse('order:1', FIELD, text('{}'))).not.toBe(first);
  const large = text(JSON.stringify('x'.repeat(100)));
  expect(parsed.parse('order:4', FIELD, large)).not.toBe(parsed.parse('order:4', FIELD, large));
});

it('does not parse again, nor count, for the lines of another version', () => {
  const parsed = new ParsedEntries(200);
  const theirs = `order@2 V 1 2 3 stamp ${JSON.stringify('x'.repeat(300))}`;
  const entry = parsed.parse('order:1', FIELD, text('{}'));
  expect(entry?.payload).toEqual({});
  expect(parsed.parse('order:1', FIELD, [theirs, text('{}')].join('\n'))).toBe(entry);
  expect(parsed.parse('order:1', FIELD, [text('{}'), theirs].join('\n'))).toBe(entry);
  expect(parsed.parse('order:1', FIELD, theirs)).toBeUndefined();
});

it('gives what nobody can change for those who come after', () => {
  const entry = new ParsedEntries().parse('order:1', FIELD, text('{"items":[{"quantity":1}]}'));
  const { items } = entry?.payload as { items: { quantity: number }[] };
  expect(() => (items[0]!.quantity = 2)).toThrow(TypeError);
  expect(() => items.push({ quantity: 2 })).toThrow(TypeError);
});
