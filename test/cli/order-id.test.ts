import fc from 'fast-check';
import { tell } from '../../src/cli/failure';
import { readOrderId, restoreCase } from '../../src/cli/order-id';
import { idSuffix } from '../../src/domain/order';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const id15 = fc
  .array(fc.constantFrom(...ALPHABET.split('')), { minLength: 12, maxLength: 12 })
  .map((rest) => `801${rest.join('')}`);

function refusal(text: string) {
  try {
    return readOrderId(text);
  } catch (error) {
    return tell(error);
  }
}

test('an id that lost its case anywhere is restored from its suffix', () => {
  fc.assert(
    fc.property(id15, fc.func(fc.boolean()), (id, flip) => {
      const whole = id + idSuffix(id);
      const mangled = whole
        .split('')
        .map((c, at) => (flip(at) ? c.toUpperCase() : c.toLowerCase()))
        .join('');
      expect(restoreCase(mangled)).toBe(whole);
    }),
  );
});

test('an id is taken as 15 or 18 characters, as an address, and as a workflow id', () => {
  fc.assert(
    fc.property(id15, (id) => {
      const whole = id + idSuffix(id);
      for (const text of [
        id,
        whole,
        ` ${whole}\n`,
        `provision-order-${whole}`,
        `https://x.my.salesforce.com/${id}`,
        `https://x.lightning.force.com/lightning/r/Order/${whole}/view?ws=1`,
      ]) {
        expect(readOrderId(text)).toBe(whole);
      }
    }),
  );
});

test.each([
  ['801xx000003dhpxaao', /Did you mean 801xx000003DHPxAAO\?/],
  ['001xx000003DHPxAAO', /the id of an Account, not of an order/],
  ['802xx000003DHPxAAO', /an OrderItem; give the order that holds it/],
  ['a0Bxx000003DHPxAAO', /begins with 801/],
  ['801xx000003DHP', /has 14 characters/],
  ['00000123', /An order number will not do/],
  ['', /is not a Salesforce record id/],
  ['801xx0000\u001b[31mDHPx', /is not a Salesforce record id/],
  ['801xx000003DHPxZZZ', /mistyped/],
])('%j is refused in words', (text, words) => {
  const refused = refusal(text);
  expect(refused).toMatchObject({ exitCode: 2, told: { code: 'INVALID_ID' } });
  const { message, advice } = (refused as ReturnType<typeof tell>).told;
  expect(`${message}. ${advice ?? ''}`).toMatch(words);
  expect(message).not.toContain('\u001b');
});
