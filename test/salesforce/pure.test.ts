import fc from 'fast-check';
import { classifyErrors, classifyNoResponse, classifyUnreadable, vendorErrors } from '../../src/salesforce/failures';
import { DEFAULT_FIELDS, parseFields } from '../../src/salesforce/fields';
import { trustedInstance } from '../../src/salesforce/login';
import { cut, joinIds } from '../../src/salesforce/orders';
import { dateTime, inList, literal } from '../../src/salesforce/soql';

const about = 'write back order 801000000000001AAA';
const response = (status: number, retryAfter?: string) => ({ status, retryAfter });

describe('a refusal of Salesforce', () => {
  it.each([
    [401, 'INVALID_SESSION_ID', 'SF_SESSION_EXPIRED', 'retryable'],
    [403, 'REQUEST_LIMIT_EXCEEDED', 'SF_RATE_LIMITED', 'retryable'],
    [400, 'UNABLE_TO_LOCK_ROW', 'SF_ROW_LOCKED', 'retryable'],
    [503, 'SERVER_UNAVAILABLE', 'SF_SERVER_ERROR', 'retryable'],
    [500, 'UNKNOWN_EXCEPTION', 'SF_SERVER_ERROR', 'retryable'],
    [400, 'QUERY_TIMEOUT', 'SF_SERVER_ERROR', 'retryable'],
    [400, 'INVALID_QUERY_LOCATOR', 'SF_SERVER_ERROR', 'retryable'],
    [500, 'SOMETHING_NEW', 'SF_SERVER_ERROR', 'retryable'],
    [400, 'FIELD_CUSTOM_VALIDATION_EXCEPTION', 'SF_VALIDATION', 'permanent'],
    [400, 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'SF_VALIDATION', 'permanent'],
    [400, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', 'SF_VALIDATION', 'permanent'],
    [400, 'REQUIRED_FIELD_MISSING', 'SF_VALIDATION', 'permanent'],
    [400, 'STRING_TOO_LONG', 'SF_VALIDATION', 'permanent'],
    [400, 'INVALID_FIELD', 'SF_FIELD_MISSING', 'permanent'],
    [400, 'INVALID_FIELD_FOR_INSERT_UPDATE', 'SF_FIELD_MISSING', 'permanent'],
    [403, 'INSUFFICIENT_ACCESS_OR_READONLY', 'SF_NO_PERMISSION', 'permanent'],
    [403, 'API_DISABLED_FOR_ORG', 'SF_NO_PERMISSION', 'permanent'],
    [404, 'ENTITY_IS_DELETED', 'SF_ORDER_DELETED', 'permanent'],
    [404, 'NOT_FOUND', 'SF_ORDER_DELETED', 'permanent'],
    [400, 'MALFORMED_QUERY', 'SF_REQUEST_REFUSED', 'permanent'],
    [400, 'SOMETHING_NEW', 'SF_REQUEST_REFUSED', 'permanent'],
  ])('HTTP %i %s is %s (%s)', (status, errorCode, code, kind) => {
    const errors = vendorErrors([{ errorCode, message: 'x' }]);
    expect(classifyErrors(about, errors, response(status))).toMatchObject({ code, kind, vendorCode: errorCode });
  });

  it('of a read does not say that an order was deleted: what is not there is the address', () => {
    const errors = vendorErrors([{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }]);
    expect(classifyErrors(about, errors, { ...response(404), isRead: true }).code).toBe('SF_REQUEST_REFUSED');
  });

  it('that a trigger has wrapped a row lock in may be tried again', () => {
    const message = 'OrderTrigger: System.DmlException: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access';
    const errors = [{ code: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', message, fields: [] }];
    expect(classifyErrors(about, errors, response(400)).code).toBe('SF_ROW_LOCKED');
  });

  it('of one record is not hidden by those that were rolled back for it', () => {
    const errors = vendorErrors([
      { statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK', message: '', fields: [] },
      { statusCode: 'UNABLE_TO_LOCK_ROW', message: '', fields: [] },
    ]);
    expect(classifyErrors(about, errors, response(200)).code).toBe('SF_ROW_LOCKED');
  });

  it('names fields, and nobody', () => {
    const errors = vendorErrors([
      {
        errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
        message: 'Jane Roe must confirm the order',
        fields: ['Status', 'x y'],
      },
    ]);
    const { message } = classifyErrors(about, errors, response(400));
    expect(message).toContain('(Status)');
    expect(message).toContain('confirm the order');
    expect(message).not.toMatch(/jane|roe/i);
  });

  it('names the field that is missing', () => {
    const errors = [
      { code: 'INVALID_FIELD', message: "No such column 'WHMCS_Order_ID__c' on entity 'Order'.", fields: [] },
    ];
    expect(classifyErrors(about, errors, response(400)).message).toContain('WHMCS_Order_ID__c');
  });

  it.each([
    ['ConcurrentRequests (Concurrent API Requests) Limit exceeded.', undefined, 10_000],
    ['TotalRequests Limit exceeded.', undefined, 300_000],
    ['TotalRequests Limit exceeded.', '45', 45_000],
  ])('for a limit asks for a wait: %s', (message, retryAfter, expected) => {
    const errors = [{ code: 'REQUEST_LIMIT_EXCEEDED', message, fields: [] }];
    expect(classifyErrors(about, errors, response(403, retryAfter)).retryAfterMs).toBe(expected);
  });
});

it.each([
  [503, 'SF_SERVER_ERROR'],
  [200, 'SF_SERVER_ERROR'],
  [302, 'SF_SERVER_ERROR'],
  [401, 'SF_SESSION_EXPIRED'],
  [429, 'SF_RATE_LIMITED'],
])('no answer of the API, HTTP %i, is %s', (status, code) => {
  expect(classifyUnreadable(about, response(status))).toMatchObject({ code, kind: 'retryable' });
});

it.each([
  [{ code: 'ECONNREFUSED' }, 'ECONNREFUSED'],
  [{ name: 'AbortError' }, 'TIMEOUT'],
  [{ name: 'TimeoutError' }, 'TIMEOUT'],
  [{ code: 'Jane Roe' }, 'NO_RESPONSE'],
  ['x', 'NO_RESPONSE'],
])('no response (%j) is retryable', (error, vendorCode) => {
  expect(classifyNoResponse(about, error)).toMatchObject({ code: 'SF_UNREACHABLE', kind: 'retryable', vendorCode });
});

describe('SOQL', () => {
  it('keeps any text inside its quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const inner = literal(value).slice(1, -1);
        expect(inner.replace(/\\[\\'"nrtbf]/g, '')).not.toMatch(/['"\\\n\r]/);
      }),
    );
  });

  it.each([
    ["' OR Id != '", String.raw`'\' OR Id != \''`],
    ['\\', String.raw`'\\'`],
    ["\\' OR", String.raw`'\\\' OR'`],
    ['a\nb\u0000', String.raw`'a\nb'`],
  ])('writes %j as %s', (value, expected) => {
    expect(literal(value)).toBe(expected);
  });

  it('has lists and times', () => {
    expect(inList(['a', "b'"])).toBe(String.raw`('a', 'b\'')`);
    expect(() => inList([])).toThrow(RangeError);
    expect(dateTime(0)).toBe('1970-01-01T00:00:00.000Z');
  });
});

describe('a token goes only to', () => {
  const login = 'https://acme.my.salesforce.com';
  it.each([
    ['https://acme.my.salesforce.com', login, 'https://acme.my.salesforce.com'],
    ['https://na1.salesforce.com/', 'https://login.salesforce.com', 'https://na1.salesforce.com'],
    [
      'https://acme--qa.sandbox.my.salesforce.com',
      'https://test.salesforce.com',
      'https://acme--qa.sandbox.my.salesforce.com',
    ],
    ['https://acme.my.salesforce.mil', login, 'https://acme.my.salesforce.mil'],
    ['https://login.acme.example', 'https://login.acme.example', 'https://login.acme.example'],
    ['http://127.0.0.1:4000', 'http://localhost:3000', 'http://127.0.0.1:4000'],
    ['http://acme.my.salesforce.com', login, undefined],
    ['https://evil.example', login, undefined],
    ['https://salesforce.com.evil.example', login, undefined],
    ['https://evilsalesforce.com', login, undefined],
    ['https://acme.my.salesforce.com@evil.example', login, undefined],
    ['http://127.0.0.1:4000', login, undefined],
    ['http://127.0.0.1.evil.example', 'http://127.0.0.1:3000', undefined],
    ['not a url', login, undefined],
    [undefined, login, undefined],
  ])('%s with a login at %s: %s', (instance, loginUrl, expected) => {
    expect(trustedInstance(instance, loginUrl)).toBe(expected);
  });
});

describe('field names', () => {
  it('have defaults, each for itself', () => {
    const fields = parseFields({ order: { whmcsOrderId: 'Billing_Order__c', currency: 'CurrencyIsoCode' } });
    expect(fields.order).toEqual({
      ...DEFAULT_FIELDS.order,
      whmcsOrderId: 'Billing_Order__c',
      currency: 'CurrencyIsoCode',
    });
    expect(fields.orderItem).toEqual(DEFAULT_FIELDS.orderItem);
    expect(DEFAULT_FIELDS.order.currency).toBeNull();
  });

  it.each([
    [{ order: { whmcsOrderId: "X' OR 1=1" } }, 'order.whmcsOrderId'],
    [{ order: { whmcsOrderID: 'X__c' } }, 'order'],
    [{ account: { whmcsClientId: '' } }, 'account.whmcsClientId'],
    [[], 'the file'],
    ['x', 'the file'],
  ])('that are wrong are refused by name: %j', (json, named) => {
    expect(() => parseFields(json)).toThrow(named);
  });
});

it('cuts a text to its field', () => {
  expect(cut('abc', 3)).toBe('abc');
  expect(cut('abcd', 3)).toBe('ab…');
  expect(cut('a😀cd', 3)).toBe('a…');
});

it('joins ids as far as they fit, and says how many are missing', () => {
  expect(joinIds(['7', '8'], 255)).toBe('7,8');
  expect(joinIds(['100', '101', '102', '103'], 11)).toBe('100,101,+2');
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[1-9]\d{0,8}$/), { maxLength: 300 }), (ids) => {
      expect(joinIds(ids, 255).length).toBeLessThanOrEqual(255);
    }),
  );
});
