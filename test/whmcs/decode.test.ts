import fc from 'fast-check';
import { byId, decodeBody, id, idList, list, number } from '../../src/whmcs/decode';

const SUCCESS = { result: 'success', orderid: '7' };
const JSON_TEXT = JSON.stringify(SUCCESS);

describe('a body', () => {
  it.each([
    ['plain JSON', JSON_TEXT],
    ['after a byte order mark', `\uFEFF${JSON_TEXT}`],
    [
      'after a PHP warning',
      `<br />\n<b>Warning</b>: Undefined array key "x" in <b>/var/www/a.php</b> on line <b>3</b><br />\n${JSON_TEXT}`,
    ],
    ['after a warning with braces', `Notice: {"not": json} {\n${JSON_TEXT}`],
    ['before a PHP notice', `${JSON_TEXT}\n<br />\n<b>Notice</b>: something`],
  ])('is read: %s', (_name, body) => {
    expect(decodeBody(body)).toEqual(SUCCESS);
  });

  it.each([
    ['empty', ''],
    ['a page', '<!DOCTYPE html><html><body>Down for maintenance</body></html>'],
    ['a page with an answer in a script', `<html><script>var a = ${JSON_TEXT};</script></html>`],
    ['cut short', JSON_TEXT.slice(0, -3)],
    ['JSON of another kind', '{"status":"ok"}'],
    ['an array', `[${JSON_TEXT}]`],
    ['null', 'null'],
    ['a result that is neither', '{"result":"maybe"}'],
  ])('is none: %s', (_name, body) => {
    expect(decodeBody(body)).toBeUndefined();
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const answer = decodeBody(text);
        expect([undefined, 'success', 'error']).toContain(answer?.result);
      }),
    );
  });
});

describe('a list', () => {
  const one = { id: '1', name: 'a' };
  const two = { id: '2', name: 'b' };
  it.each([
    ['an array', { product: [one, two] }, [one, two]],
    ['one object', { product: one }, [one]],
    ['numeric keys', { product: { 0: one, 3: two } }, [one, two]],
    ['numeric keys without the inner name', { 0: one, 1: two }, [one, two]],
    ['an array without the inner name', [one, two], [one, two]],
    ['an empty object', {}, []],
    ['an empty text', '', []],
    ['an inner empty text', { product: '' }, []],
    ['an inner empty object', { product: {} }, []],
    ['null', null, []],
    ['nothing', undefined, []],
  ])('is read: %s', (_name, value, expected) => {
    expect(list(value, 'product')).toEqual(expected);
  });
});

describe('numbers', () => {
  it.each([
    ['7', '7'],
    [7, '7'],
    ['007', '7'],
    [' 7 ', '7'],
    ['0', undefined],
    ['', undefined],
    ['-1', undefined],
    ['7abc', undefined],
    [null, undefined],
  ])('%p is the id %p', (value, expected) => {
    expect(id(value)).toBe(expected);
  });

  it.each([
    ['-1.00', -1],
    ['12.50', 12.5],
    [3, 3],
    ['', undefined],
    ['1,5', undefined],
  ])('%p is the number %p', (value, expected) => {
    expect(number(value)).toBe(expected);
  });

  it.each([
    ['1,2', ['1', '2']],
    ['', []],
    [7, ['7']],
    [undefined, undefined],
  ])('%p is the list %p', (value, expected) => {
    expect(idList(value)).toEqual(expected);
  });

  it('orders ids by value, not by letters', () => {
    expect(['10', '9', '100'].sort(byId)).toEqual(['9', '10', '100']);
  });
});
