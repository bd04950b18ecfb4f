import fc from 'fast-check';
import {
  MAX_INPUT_VARS,
  parsePhpForm,
  phpBool,
  phpFloat,
  phpInt,
  type PhpValue,
} from '../../../sandbox/whmcs/php-form';
import { Params } from '../../../sandbox/whmcs/params';

function plain(value: PhpValue): unknown {
  return typeof value === 'string' ? value : Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
}

describe('a form as PHP parses it', () => {
  test.each<[string, unknown]>([
    ['', {}],
    ['a=1&b=2', { a: '1', b: '2' }],
    // Repeated plain names: the last wins, the others are gone.
    ['pid=1&pid=2', { pid: '2' }],
    ['pid=1,2', { pid: '1,2' }],
    ['pid[0]=1&pid[1]=2', { pid: { 0: '1', 1: '2' } }],
    ['pid%5B0%5D=1', { pid: { 0: '1' } }],
    ['pid[]=1&pid[]=2', { pid: { 0: '1', 1: '2' } }],
    ['pid[5]=1&pid[]=2', { pid: { 5: '1', 6: '2' } }],
    ['pid[a]=1&pid[]=2', { pid: { a: '1', 0: '2' } }],
    ['a[b][c]=1&a[b][d]=2', { a: { b: { c: '1', d: '2' } } }],
    ['a[][b]=1&a[][b]=2', { a: { 0: { b: '1' }, 1: { b: '2' } } }],
    // An array and a plain value of one name: the later replaces the earlier.
    ['a[0]=1&a=2', { a: '2' }],
    ['a=1&a[0]=2', { a: { 0: '2' } }],
    ['a', { a: '' }],
    ['a=', { a: '' }],
    ['=1', {}],
    ['&&a=1&', { a: '1' }],
    ['a=1=2', { a: '1=2' }],
    ['a.b=1&c d=2', { a_b: '1', c_d: '2' }],
    ['%20a=1', { a: '1' }],
    ['a[b=1', { a_b: '1' }],
    ['a[0]x=1', { a: { 0: '1' } }],
    ['a=b+c%2Bd', { a: 'b c+d' }],
    ['a=%C3%A9', { a: 'é' }],
    ['a=100%', { a: '100%' }],
  ])('%s', (text, expected) => {
    expect(plain(parsePhpForm(text))).toEqual(expected);
  });

  test('variables beyond max_input_vars are dropped without a word', () => {
    const form = parsePhpForm(Array.from({ length: MAX_INPUT_VARS + 5 }, (_, n) => `v${n}=1`).join('&'));
    expect(form.size).toBe(MAX_INPUT_VARS);
  });

  test('what URLSearchParams writes, PHP reads back', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    fc.assert(
      fc.property(fc.dictionary(name, fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 })), (lists) => {
        const sent = new URLSearchParams();
        for (const [key, list] of Object.entries(lists)) list.forEach((item, n) => sent.set(`${key}[${n}]`, item));
        const expected = Object.fromEntries(
          Object.entries(lists).map(([key, list]) => [key, Object.fromEntries(list.entries())]),
        );
        expect(plain(parsePhpForm(sent.toString()))).toEqual(expected);
      }),
    );
  });
});

describe('casts', () => {
  test.each([
    ['1,2', 1],
    ['12abc', 12],
    ['abc', 0],
    ['', 0],
    [' 7', 7],
    ['-3', -3],
    ['1.9', 1],
    ['1e3', 1000],
  ])('(int) %j is %d', (text, expected) => expect(phpInt(text)).toBe(expected));

  test.each([
    ['9.95', 9.95],
    ['.5', 0.5],
    ['x', 0],
  ])('(float) %j is %d', (text, expected) => expect(phpFloat(text)).toBe(expected));

  test.each([
    ['', false],
    ['0', false],
    ['1', true],
    ['true', true],
    ['false', true],
  ])('(bool) %j is %s', (text, expected) => expect(phpBool(text)).toBe(expected));
});

test('credentials and passwords do not outlive the request', () => {
  const params = new Params(
    parsePhpForm('identifier=i&Secret=s&accessKey=k&username=u&password=p&password2=q&clientid=1'),
  );
  expect(params.redacted()).toEqual({ clientid: '1' });
});
