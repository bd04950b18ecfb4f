import fc from 'fast-check';
import { MovableClock } from '../../../sandbox/salesforce/clock';
import { RestError } from '../../../sandbox/salesforce/rest/errors';
import { Permissions } from '../../../sandbox/salesforce/rest/permissions';
import { runSoql } from '../../../sandbox/salesforce/rest/soql/run';
import { storeSource } from '../../../sandbox/salesforce/rest/soql/store-source';
import { loadSchema } from '../../../sandbox/salesforce/schema/schema';
import { MemoryStore } from '../../../sandbox/salesforce/store/store';
import type { FieldInput } from '../../../sandbox/salesforce/store/types';

const clock = new MovableClock();
clock.freeze(Date.parse('2026-11-23T12:00:00Z'));
const schema = loadSchema({
  objects: {
    Ticket__c: {
      keyPrefix: 'a01',
      fields: [
        { name: 'Name', type: 'string' },
        { name: 'Points__c', type: 'double' },
        { name: 'Open__c', type: 'boolean' },
        { name: 'Due__c', type: 'date' },
        { name: 'Seen__c', type: 'datetime' },
        { name: 'Notes__c', type: 'textarea', length: 32000 },
        {
          name: 'Parent__c',
          type: 'reference',
          referenceTo: ['Ticket__c'],
          relationshipName: 'Parent__r',
          childRelationshipName: 'Children__r',
        },
        {
          name: 'Account__c',
          type: 'reference',
          referenceTo: ['Account'],
          relationshipName: 'Account__r',
          childRelationshipName: 'Tickets__r',
        },
      ],
    },
  },
});
const store = new MemoryStore({ schema, clock });
const user = '005000000000001AAC';
const create = (object: string, fields: FieldInput) =>
  store.transaction({ userId: user }, (tx) => tx.create(object, fields));

const acme = create('Account', { Name: 'Acme', BillingCity: 'Oslo' });
const zeta = create('Account', { Name: 'Zeta' });
const a = create('Ticket__c', {
  Name: 'Alpha',
  Points__c: 1,
  Open__c: true,
  Due__c: '2026-11-23',
  Account__c: acme,
  Seen__c: '2026-11-23T08:00:00Z',
});
const b = create('Ticket__c', {
  Name: 'beta',
  Points__c: 2.5,
  Due__c: '2026-11-22',
  Account__c: zeta,
  Parent__c: a,
  Seen__c: '2026-11-22T23:59:59Z',
});
const c = create('Ticket__c', {
  Name: "O'Hara 100%_\\",
  Points__c: -3,
  Due__c: '2026-11-10',
  Account__c: acme,
  Parent__c: a,
  Seen__c: '2026-10-31T00:00:00Z',
});
const d = create('Ticket__c', { Open__c: true, Parent__c: b });
const gone = create('Ticket__c', { Name: 'Gone', Points__c: 9 });
store.transaction({ userId: user }, (tx) => tx.delete('Ticket__c', gone));
const letters = new Map([
  [a, 'a'],
  [b, 'b'],
  [c, 'c'],
  [d, 'd'],
  [gone, 'x'],
]);

const permissions = new Permissions();
function run(soql: string, includeDeleted = false) {
  return runSoql(
    { source: storeSource(store, clock, permissions), recordUrls: '/services/data/v62.0/sobjects', includeDeleted },
    soql,
  );
}
function records(soql: string, includeDeleted = false) {
  const outcome = run(soql, includeDeleted);
  if (!('records' in outcome)) throw new Error('a count');
  return outcome.records;
}
/** The tickets that match, by letter, in order. */
const matching = (rest: string, includeDeleted = false) =>
  records(`SELECT Id FROM Ticket__c ${rest}`, includeDeleted)
    .map((record) => letters.get(record['Id'] as string))
    .join('');

function refusal(soql: string): RestError {
  try {
    run(soql);
  } catch (error) {
    if (error instanceof RestError) return error;
    throw error;
  }
  throw new Error(`Not refused: ${soql}`);
}

describe('WHERE', () => {
  test.each<[string, string]>([
    // Text: without regard to case; an empty string is null.
    ["Name = 'ALPHA'", 'a'],
    ["Name != 'alpha'", 'bcd'],
    ["Name = ''", 'd'],
    ['Name = null', 'd'],
    ['Name != NULL', 'abc'],
    ["Name > 'b'", 'bc'],
    ["Name IN ('alpha', 'BETA', 'none')", 'ab'],
    ["Name NOT IN ('alpha')", 'bcd'],
    ["Name IN (null, 'beta')", 'bd'],
    ["Name = 'O\\'Hara 100%_\\\\'", 'c'],
    // Wildcards, and the same characters as themselves.
    ["Name LIKE 'AL%'", 'a'],
    ["Name LIKE '_eta'", 'b'],
    ["Name LIKE '%100\\%\\_%'", 'c'],
    ["Name LIKE '%\\\\'", 'c'],
    ["Name LIKE 'a.*'", ''],
    ["(NOT Name LIKE 'a%')", 'bcd'],
    // Numbers and booleans.
    ['Points__c = 2.5', 'b'],
    ['Points__c < 0', 'c'],
    ['Points__c >= 1', 'ab'],
    ['Points__c = null', 'd'],
    ['Points__c IN (1, -3)', 'ac'],
    ['Open__c = true', 'ad'],
    ['Open__c != TRUE', 'bc'],
    // Dates, datetimes, and literals at 2026-11-23, a Monday.
    ['Due__c = 2026-11-22', 'b'],
    ['Due__c > 2026-11-10', 'ab'],
    ['Due__c = TODAY', 'a'],
    ['Due__c = YESTERDAY', 'b'],
    ['Due__c < TODAY', 'bc'],
    ['Due__c <= TODAY', 'abc'],
    ['Due__c = LAST_N_DAYS:1', 'ab'],
    ['Due__c = LAST_N_DAYS:13', 'abc'],
    ['Due__c = N_DAYS_AGO:1', 'b'],
    ['Due__c = THIS_WEEK', 'ab'],
    ['Due__c = THIS_MONTH', 'abc'],
    ['Due__c != TODAY', 'bcd'],
    ['Seen__c = TODAY', 'a'],
    ['Seen__c < 2026-11-23T00:00:00Z', 'bc'],
    ['Seen__c >= 2026-11-23T09:00:00+01:00', 'a'],
    ['Seen__c > 2026-11-23T09:00:00+01:00', ''],
    ['Seen__c = LAST_MONTH', 'c'],
    ['CreatedDate = TODAY', 'abcd'],
    ['CreatedDate = NEXT_N_DAYS:5', ''],
    // Ids of both lengths.
    [`Id = '${a}'`, 'a'],
    [`Id = '${a.slice(0, 15)}'`, 'a'],
    [`Id IN ('${a}', '${b.slice(0, 15)}', '${a}')`, 'ab'],
    [`Id != '${a}'`, 'bcd'],
    [`Id > '${b}' AND Open__c = true`, 'd'],
    [`Parent__c = '${a.slice(0, 15)}'`, 'bc'],
    ['Parent__c = null', 'a'],
    // Parents.
    ["Account__r.Name = 'acme'", 'ac'],
    ['Account__r.Name = null', 'd'],
    ["Parent__r.Parent__r.Name = 'Alpha'", 'd'],
    // Logic.
    ["Open__c = true AND Name = 'alpha'", 'a'],
    ["Open__c = true OR Name = 'beta'", 'abd'],
    ["(Open__c = true AND Points__c = 1) OR Name = 'beta'", 'ab'],
    ["Open__c = true AND (Points__c = 1 OR Name = 'beta')", 'a'],
    ['NOT Open__c = true', 'bc'],
    ['NOT (Open__c = true OR Points__c = 2.5)', 'c'],
    ["NOT Open__c = true AND NOT Name = 'beta'", 'c'],
    ["((Name = 'alpha') OR (NOT (Points__c > -5)))", 'ad'],
    // Semi-joins.
    [`Id IN (SELECT Parent__c FROM Ticket__c WHERE Open__c = true)`, 'b'],
    [`Id NOT IN (SELECT Parent__c FROM Ticket__c)`, 'cd'],
    [`Account__c IN (SELECT Id FROM Account WHERE Name LIKE 'a%')`, 'ac'],
  ])('%s', (where, expected) => {
    expect(matching(`WHERE ${where}`)).toBe(expected);
    // The negation of a condition is its complement.
    const complement = ['a', 'b', 'c', 'd'].filter((letter) => !expected.includes(letter)).join('');
    expect(matching(`WHERE NOT (${where})`)).toBe(complement);
  });

  test('deleted rows are seen by queryAll alone', () => {
    expect(matching("WHERE Name = 'gone'")).toBe('');
    expect(matching(`WHERE Id = '${gone}'`)).toBe('');
    expect(matching("WHERE Name = 'gone'", true)).toBe('x');
    expect(matching('WHERE IsDeleted = true', true)).toBe('x');
  });

  test('no text, however hostile, is anything but a text once it is escaped', () => {
    const quote = (text: string) => `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom("' OR Name != '", "\\' OR Id != null --", "x') OR (Name != 'y", '\\', "'", '%', '\u0000'),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        fc.pre(text !== '' && !/[\n\r\t]/.test(text));
        expect(matching(`WHERE Name = ${quote(text)}`)).toBe('');
        expect(matching(`WHERE Name IN (${quote(text)}, 'alpha')`)).toBe('a');
      }),
      { numRuns: 300 },
    );
  });
});

describe('SELECT', () => {
  test('fields under their true names, parents nested, null where there is none', () => {
    expect(
      records(
        `SELECT id, t.name, t.Account__r.Name, Account__r.BillingAddress FROM Ticket__c t WHERE t.Id IN ('${a}','${d}')`,
      ),
    ).toEqual([
      {
        attributes: { type: 'Ticket__c', url: `/services/data/v62.0/sobjects/Ticket__c/${a}` },
        Id: a,
        Name: 'Alpha',
        Account__r: {
          attributes: { type: 'Account', url: `/services/data/v62.0/sobjects/Account/${acme}` },
          Name: 'Acme',
          BillingAddress: expect.objectContaining({ city: 'Oslo', street: null }) as unknown,
        },
      },
      { attributes: expect.anything() as unknown, Id: d, Name: null, Account__r: null },
    ]);
  });

  test('children, sorted and limited for each parent; null where there are none', () => {
    const rows = records(
      'SELECT Id, (SELECT Name FROM Children__r WHERE Points__c != 99 ORDER BY Points__c DESC LIMIT 1) FROM Ticket__c ORDER BY Id',
    );
    expect(rows.map((row) => row['Children__r'])).toMatchObject([
      { records: [{ Name: 'beta' }] },
      { records: [{ Name: null }] },
      null,
      null,
    ]);
  });

  test('counts and groups', () => {
    expect(run('SELECT COUNT() FROM Ticket__c WHERE Open__c = true')).toEqual({ count: 2 });
    expect(run('SELECT COUNT() FROM Ticket__c LIMIT 3')).toEqual({ count: 3 });
    const result = { attributes: { type: 'AggregateResult' } };
    expect(records('SELECT COUNT(Id), COUNT(Name) named, SUM(Points__c), MIN(Name) FROM Ticket__c')).toEqual([
      { ...result, expr0: 4, named: 3, expr1: 0.5, expr2: 'Alpha' },
    ]);
    expect(records('SELECT Account__r.Name, COUNT(Id) n FROM Ticket__c GROUP BY Account__r.Name')).toEqual([
      { ...result, Name: 'Acme', n: 2 },
      { ...result, Name: 'Zeta', n: 1 },
      { ...result, Name: null, n: 1 },
    ]);
  });

  test('FIELDS()', () => {
    const [all] = records('SELECT FIELDS(ALL) FROM Ticket__c LIMIT 1');
    expect(all).toMatchObject({ Id: a, Name: 'Alpha', Points__c: 1, SystemModstamp: '2026-11-23T12:00:00.000+0000' });
    expect(records('SELECT FIELDS(STANDARD) FROM Ticket__c LIMIT 1')[0]).not.toHaveProperty('Points__c');
  });
});

describe('ORDER BY, LIMIT, OFFSET', () => {
  test.each<[string, string]>([
    ['ORDER BY Name', 'dabc'],
    ['ORDER BY Name DESC NULLS LAST', 'cbad'],
    ['ORDER BY Name ASC NULLS LAST', 'abcd'],
    ['ORDER BY Open__c DESC, Points__c DESC NULLS LAST', 'adbc'],
    ['ORDER BY Account__r.Name DESC NULLS LAST, Id DESC', 'bcad'],
    ['ORDER BY Due__c', 'dcba'],
    ['ORDER BY Id LIMIT 2 OFFSET 1', 'bc'],
    ['LIMIT 0', ''],
  ])('%s', (rest, expected) => {
    expect(matching(rest)).toBe(expected);
  });
});

describe('refusals', () => {
  test.each<[string, string, RegExp]>([
    ['', 'MALFORMED_QUERY', /unexpected token: '<EOF>'/],
    ['SELECT', 'MALFORMED_QUERY', /unexpected token/],
    ['SELECT Id FROM', 'MALFORMED_QUERY', /unexpected token: '<EOF>'/],
    ['SELECT Id FROM Ticket__c WHERE', 'MALFORMED_QUERY', /unexpected token/],
    ["SELECT Id FROM Ticket__c WHERE Name = 'a' OR 'b'", 'MALFORMED_QUERY', /unexpected token: ''b''/],
    ["SELECT Id FROM Ticket__c WHERE Name = 'it''s'", 'MALFORMED_QUERY', /unexpected token|Redundant/],
    ["SELECT Id FROM Ticket__c WHERE Name = 'a\\q'", 'MALFORMED_QUERY', /escape/],
    ["SELECT Id FROM Ticket__c WHERE Name = 'a' AND Id = null OR Id = null", 'MALFORMED_QUERY', /unexpected token: OR/],
    ['SELECT Id FROM Ticket__c WHERE Id IN ()', 'MALFORMED_QUERY', /unexpected token/],
    ['SELECT Id FROM Ticket__c; SELECT Id FROM Account', 'MALFORMED_QUERY', /unexpected token|Redundant/],
    ['UPDATE Ticket__c', 'MALFORMED_QUERY', /unexpected token/],
    ['SELECT FIELDS(ALL) FROM Ticket__c', 'MALFORMED_QUERY', /LIMIT/],
    ['SELECT Name, COUNT(Id) FROM Ticket__c', 'MALFORMED_QUERY', /grouped or aggregated: Name/],
    ['SELECT Id FROM Nothing__c', 'INVALID_TYPE', /sObject type 'Nothing__c' is not supported/],
    [
      'SELECT Id, (SELECT Id FROM Nothings__r) FROM Ticket__c',
      'INVALID_TYPE',
      /Didn't understand relationship 'Nothings__r' in FROM/,
    ],
    ['SELECT Colour__c FROM Ticket__c', 'INVALID_FIELD', /No such column 'Colour__c' on entity 'Ticket__c'/],
    ['SELECT Id FROM Ticket__c WHERE Colour__c = null', 'INVALID_FIELD', /No such column/],
    ['SELECT Id FROM Ticket__c ORDER BY Colour__c', 'INVALID_FIELD', /No such column/],
    ['SELECT Nobody__r.Name FROM Ticket__c', 'INVALID_FIELD', /Didn't understand relationship 'Nobody__r'/],
    ['SELECT (SELECT Colour__c FROM Children__r) FROM Ticket__c', 'INVALID_FIELD', /No such column/],
    [
      "SELECT Id FROM Ticket__c WHERE Points__c = '1'",
      'INVALID_FIELD',
      /must be of type double and should not be enclosed in quotes/,
    ],
    [
      'SELECT Id FROM Ticket__c WHERE Name = 1',
      'INVALID_FIELD',
      /must be of type string and should be enclosed in quotes/,
    ],
    ["SELECT Id FROM Ticket__c WHERE Open__c = 'true'", 'INVALID_FIELD', /must be of type boolean/],
    ["SELECT Id FROM Ticket__c WHERE CreatedDate > '2026-01-01'", 'INVALID_FIELD', /must be of type dateTime/],
    ['SELECT Id FROM Ticket__c WHERE CreatedDate > 2026-01-01', 'INVALID_FIELD', /must be of type dateTime/],
    ["SELECT Id FROM Ticket__c WHERE Notes__c = 'x'", 'INVALID_FIELD', /'Notes__c' can not be filtered/],
    ['SELECT Id FROM Ticket__c ORDER BY Notes__c', 'INVALID_FIELD', /can not be sorted/],
    ["SELECT Id FROM Ticket__c WHERE Id = 'abc'", 'INVALID_QUERY_FILTER_OPERATOR', /invalid ID field: abc/],
    ["SELECT Id FROM Ticket__c WHERE Id = '801xx000003DGbAAAX'", 'INVALID_QUERY_FILTER_OPERATOR', /invalid ID field/],
    ["SELECT Id FROM Ticket__c WHERE Id LIKE '801%'", 'INVALID_QUERY_FILTER_OPERATOR', /invalid operator on id field/],
    ['SELECT Id FROM Ticket__c OFFSET 2001', 'NUMBER_OUTSIDE_VALID_RANGE', /2000/],
    ['SELECT Id FROM Ticket__c WHERE CALENDAR_YEAR(CreatedDate) = 2026', 'SANDBOX_UNSUPPORTED', /CALENDAR_YEAR/],
    ['SELECT COUNT(Id) FROM Ticket__c GROUP BY Name HAVING COUNT(Id) > 1', 'SANDBOX_UNSUPPORTED', /HAVING/],
  ])('%s', (soql, code, message) => {
    const error = refusal(soql);
    expect([error.errorCode, error.message]).toEqual([code, expect.stringMatching(message)]);
    expect(error.status).toBe(code === 'SANDBOX_UNSUPPORTED' ? 501 : 400);
  });

  test('a field that the user may not see is no field at all', () => {
    permissions.restrict('Ticket__c', 'points__c', 'none');
    try {
      for (const soql of ['SELECT Points__c FROM Ticket__c', 'SELECT Id FROM Ticket__c WHERE Points__c = 1']) {
        expect(refusal(soql).message).toContain("No such column 'Points__c' on entity 'Ticket__c'");
      }
      expect(records('SELECT FIELDS(ALL) FROM Ticket__c LIMIT 1')[0]).not.toHaveProperty('Points__c');
    } finally {
      permissions.clear();
    }
  });
});
