import fc from 'fast-check';
import { tell } from '../../src/cli/failure';
import { readOrderId } from '../../src/cli/order-id';
import {
  idOrUndefined,
  parseAccountId,
  parseOrderId,
  parseOrderItemId,
  parseRecordId,
} from '../../src/domain/record-id';
import { buildPortal } from '../../src/portal';
import { listen } from '../../src/processes/http';
import { literal } from '../../src/salesforce/soql';
import { provisionWorkflowId } from '../../src/workflows/contract';

/**
 * An id comes from events, people and browsers, and goes into SOQL, workflow ids, Redis keys and addresses. Each door lets
 * in 15 or 18 letters and digits and nothing else; what comes after the doors has types that only they make.
 */
const HOSTILE = [
  "801' OR Id != '",
  "801000000000001' --",
  '801000000000001AAA\n',
  '801000000000001\u0000',
  '801000000000001%00',
  '801*',
  '80100000000000%',
  '80100000000000_',
  '../../etc/passwd',
  '801000000000001/../..',
  '..%2f..%2f801000000000001',
  '801000000000001?x=1',
  '801000000000001#x',
  '801000000000001 OR 1=1',
  "' OR WorkflowId STARTS_WITH 'p",
  '$(reboot)',
  '`reboot`',
  '; reboot',
  '--json',
  '\u001b[31m801000000000001',
  '８０１０００００００００００１',
  '801000000000001\u202e',
  '__proto__',
  'constructor',
  '{"$ne":null}',
  '801'.repeat(1_000),
  '',
];
const hostile = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'binary' }).map((text) => `801000000000001${text}`),
);
const PLAIN = /^[0-9A-Za-z]{18}$/;
const parsers = { parseRecordId, parseOrderId, parseOrderItemId, parseAccountId };

it.each(Object.entries(parsers))('%s lets through 18 letters and digits only', (_, parse) => {
  for (const text of HOSTILE) expect([text, idOrUndefined(parse, text)]).toEqual([text, undefined]);
  fc.assert(
    fc.property(hostile, (text) => {
      const id = idOrUndefined(parse, text);
      expect(id === undefined || PLAIN.test(id)).toBe(true);
    }),
  );
});

it('a workflow id holds nothing but the id that was let through', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const id = idOrUndefined(parseOrderId, text);
      if (id !== undefined) expect(provisionWorkflowId(id)).toMatch(/^provision-order-801[0-9A-Za-z]{15}$/);
    }),
  );
});

it('a text in SOQL ends where its literal ends', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const inside = literal(text).slice(1, -1);
      // Escapes taken away, no quote and no backslash is left, and nothing that ends a line.

      expect(inside.replace(/\\['"\\nrtbf]/g, '')).not.toMatch(/['"\\\u0000-\u001f\u007f]/);
    }),
  );
});

/** White space around an id is what a person pastes along with it. */
const MISTYPED = HOSTILE.filter((text) => text.trim() === text);

it.each(MISTYPED)('the command line refuses %j, and shows it harmlessly', (text) => {
  let told;
  try {
    readOrderId(text);
  } catch (error) {
    told = tell(error);
  }
  expect(told).toMatchObject({ exitCode: 2, told: { code: 'INVALID_ID' } });
  expect(told?.told.message).toMatch(/^[\x20-\x7e…’]{1,200}$/);
});

describe('the portal', () => {
  const asked: string[] = [];
  const read = (id: string) => {
    asked.push(id);
    return Promise.resolve({ value: undefined, outcome: 'miss' as const });
  };
  const app = buildPortal({
    orders: { readOrder: read, readAccountOrders: read as never },
    catalog: { readCatalog: () => Promise.reject(new Error()) },
    access: {},
  });
  let url: string;
  beforeAll(async () => (url = await listen(app, { host: '127.0.0.1', port: 0 })));
  afterAll(() => app.close());

  it.each(HOSTILE)('asks nobody for %j', async (text) => {
    for (const path of [
      `/orders/${encodeURIComponent(text)}`,
      `/accounts/${encodeURIComponent(text)}/orders`,
      `/orders/${encodeURIComponent(encodeURIComponent(text))}`,
    ]) {
      const response = await fetch(url + path);
      const body = await response.text();
      expect([path, [400, 404].includes(response.status)]).toEqual([path, true]);
      expect(text.length > 3 && body.includes(text)).toBe(false);
    }
    expect(asked).toEqual([]);
  });
});
