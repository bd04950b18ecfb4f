import fc from 'fast-check';
import { decodeCustomFields } from '../../../sandbox/whmcs/custom-fields';
import { encodeFields } from './running';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('custom fields are base64 of a PHP-serialized map', () => {
  test.each<[string, string, [number, string][]]>([
    ['string ids', 'a:1:{s:2:"41";s:3:"abc";}', [[41, 'abc']]],
    [
      'integer ids',
      'a:2:{i:41;s:1:"a";i:42;s:1:"b";}',
      [
        [41, 'a'],
        [42, 'b'],
      ],
    ],
    [
      'ids from zero, which PHP keeps as a list',
      'a:2:{i:0;s:1:"a";i:1;s:1:"b";}',
      [
        [0, 'a'],
        [1, 'b'],
      ],
    ],
    ['lengths in bytes', 'a:1:{i:41;s:6:"né€";}', [[41, 'né€']]],
    ['an integer value', 'a:1:{i:41;i:7;}', [[41, '7']]],
    ['an empty map', 'a:0:{}', []],
  ])('%s', (_name, serialized, expected) => {
    expect([...decodeCustomFields(base64(serialized))]).toEqual(expected);
  });

  test.each([
    ['lengths in characters', base64('a:1:{i:41;s:3:"né€";}')],
    ['JSON', base64('{"41":"abc"}')],
    ['a plain string', base64('s:3:"abc";')],
    ['cut short', base64('a:1:{i:41;s:3:"ab')],
    ['no base64', '%%%'],
    ['nothing', ''],
  ])('%s is ignored, without an error', (_name, encoded) => {
    expect(decodeCustomFields(encoded).size).toBe(0);
  });

  test('any text survives', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeCustomFields(encodeFields({ 41: text })).get(41)).toBe(text);
      }),
    );
  });
});
