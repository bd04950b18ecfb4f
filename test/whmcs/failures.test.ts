import { safeText } from '../../src/domain/safe-text';
import { classifyNoAnswer, classifyRefusal, classifyUnreadable, retryAfterMs } from '../../src/whmcs/failures';

const call = (action: string) => ({ action, about: 'for order 801000000000001AAA', quietPeriodMs: 90_000 });
const response = (status: number, retryAfter: string | null = null) => ({ status, retryAfter });
const error = (code: string, syscall?: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code, syscall }) });
const timeout = new DOMException('timed out', 'TimeoutError');

describe('an answer that says error', () => {
  it.each([
    ['AddOrder', 403, 'Authentication Failed', 'WHMCS_CREDENTIALS_REFUSED', 'retryable'],
    ['AddOrder', 403, 'Invalid IP 203.0.113.9', 'WHMCS_CREDENTIALS_REFUSED', 'retryable'],
    ['AddOrder', 200, 'Invalid or missing credentials', 'WHMCS_CREDENTIALS_REFUSED', 'retryable'],
    [
      'AddOrder',
      403,
      'Invalid Permissions: API action "addorder" is not allowed',
      'WHMCS_CREDENTIALS_REFUSED',
      'retryable',
    ],
    ['AddOrder', 403, 'Something new', 'WHMCS_CREDENTIALS_REFUSED', 'retryable'],
    ['AddOrder', 200, 'Client ID Not Found', 'WHMCS_CLIENT_NOT_FOUND', 'permanent'],
    [
      'AddOrder',
      200,
      'Invalid Payment Method. Valid options include mailin,paypal',
      'WHMCS_PAYMENT_METHOD_INVALID',
      'permanent',
    ],
    ['AddOrder', 200, 'No items added to cart so order cannot proceed', 'WHMCS_REFUSED', 'permanent'],
    ['AddOrder', 200, 'Whatever else', 'WHMCS_REFUSED', 'permanent'],
    ['AddOrder', 500, 'Whatever else', 'WHMCS_AMBIGUOUS', 'ambiguous'],
    ['AddOrder', 200, 'SQLSTATE[40001]: deadlock found', 'WHMCS_AMBIGUOUS', 'ambiguous'],
    ['GetOrders', 200, 'Too many connections', 'WHMCS_MAINTENANCE', 'retryable'],
    ['GetOrders', 500, 'Whatever else', 'WHMCS_MAINTENANCE', 'retryable'],
    ['AddOrder', 429, 'Too Many Requests', 'WHMCS_RATE_LIMITED', 'retryable'],
    ['AcceptOrder', 200, 'Order ID not found or Status not Pending', 'WHMCS_ORDER_NOT_PENDING', 'permanent'],
    ['CancelOrder', 200, 'Order ID Not Found', 'WHMCS_ORDER_NOT_PENDING', 'permanent'],
    // What a server module says of the customer's server is no word of WHMCS about us.
    ['ModuleCreate', 200, 'Access denied for user', 'WHMCS_REFUSED', 'permanent'],
    ['ModuleCreate', 200, 'Authentication Failed', 'WHMCS_REFUSED', 'permanent'],
    ['AcceptOrder', 200, 'Server in maintenance', 'WHMCS_REFUSED', 'permanent'],
    ['AcceptOrder', 200, 'Rate limit of the server exceeded', 'WHMCS_REFUSED', 'permanent'],
    ['ModuleCreate', 403, 'Authentication Failed', 'WHMCS_CREDENTIALS_REFUSED', 'retryable'],
    ['AcceptOrder', 429, 'Too Many Requests', 'WHMCS_RATE_LIMITED', 'retryable'],
  ])('%s, HTTP %i, "%s" is %s (%s)', (action, status, message, code, kind) => {
    expect(classifyRefusal(call(action), message, response(status))).toMatchObject({ code, kind });
  });

  it('asks for five minutes before refused credentials are tried again', () => {
    expect(classifyRefusal(call('AddOrder'), 'Invalid IP 203.0.113.9', response(403)).retryAfterMs).toBe(300_000);
  });

  it('names the order, and no address', () => {
    const { message } = classifyRefusal(call('AddOrder'), 'Invalid IP 203.0.113.9', response(403));
    expect(message).toContain('801000000000001AAA');
    expect(message).not.toContain('203');
  });
});

describe('a response that is no answer', () => {
  it.each([
    ['AddOrder', 200, 'WHMCS_AMBIGUOUS'],
    ['AddOrder', 500, 'WHMCS_AMBIGUOUS'],
    ['AddOrder', 503, 'WHMCS_AMBIGUOUS'],
    ['AddOrder', 302, 'WHMCS_AMBIGUOUS'],
    ['AddOrder', 403, 'WHMCS_CREDENTIALS_REFUSED'],
    ['AddOrder', 429, 'WHMCS_RATE_LIMITED'],
    ['GetProducts', 200, 'WHMCS_MAINTENANCE'],
    ['GetProducts', 503, 'WHMCS_MAINTENANCE'],
    ['GetProducts', 404, 'WHMCS_UNREACHABLE'],
    ['GetProducts', 301, 'WHMCS_UNREACHABLE'],
    ['AcceptOrder', 500, 'WHMCS_MAINTENANCE'],
  ])('to %s, HTTP %i, is %s', (action, status, code) => {
    expect(classifyUnreadable(call(action), 'a page of HTML', response(status)).code).toBe(code);
  });

  it('honours Retry-After', () => {
    expect(classifyUnreadable(call('GetOrders'), 'a page', response(503, '17')).retryAfterMs).toBe(17_000);
    expect(classifyUnreadable(call('AddOrder'), 'a page', response(429, '17')).retryAfterMs).toBe(17_000);
  });

  it.each(['AcceptOrder', 'ModuleCreate'])('leaves a module time to finish before %s is repeated', (action) => {
    expect(classifyUnreadable(call(action), 'a page', response(500)).retryAfterMs).toBe(90_000);
    expect(classifyNoAnswer(call(action), timeout).retryAfterMs).toBe(90_000);
  });
});

describe('no answer', () => {
  it.each([
    ['refused', error('ECONNREFUSED', 'connect')],
    [
      'refused at several addresses',
      new TypeError('fetch failed', { cause: Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }) }),
    ],
    ['no such host', error('ENOTFOUND', 'getaddrinfo')],
    ['no route', error('EHOSTUNREACH', 'connect')],
    ['no connection in time', error('UND_ERR_CONNECT_TIMEOUT')],
    ['a certificate that has expired', error('CERT_HAS_EXPIRED')],
    ['a certificate of our own making', error('DEPTH_ZERO_SELF_SIGNED_CERT')],
    ['a certificate for another host', error('ERR_TLS_CERT_ALTNAME_INVALID')],
  ])('of AddOrder that was certainly not sent may be tried again: %s', (_name, cause) => {
    expect(classifyNoAnswer(call('AddOrder'), cause)).toMatchObject({ code: 'WHMCS_UNREACHABLE', kind: 'retryable' });
  });

  it.each([
    ['time limit', timeout],
    ['cut', error('UND_ERR_SOCKET')],
    ['reset', error('ECONNRESET', 'read')],
    ['lost route', error('EHOSTUNREACH', 'read')],
    ['unknown', new Error('?')],
    ['not even an error', 'x'],
  ])('of AddOrder that may have arrived is ambiguous: %s', (_name, cause) => {
    expect(classifyNoAnswer(call('AddOrder'), cause)).toMatchObject({ code: 'WHMCS_AMBIGUOUS', kind: 'ambiguous' });
    expect(classifyNoAnswer(call('GetOrders'), cause)).toMatchObject({ code: 'WHMCS_UNREACHABLE', kind: 'retryable' });
  });
});

it.each([
  ['17', 17_000],
  [' 3 ', 3_000],
  ['999999', 3_600_000],
  ['Thu, 01 Jan 1970 00:01:00 GMT', 60_000],
  ['Wed, 31 Dec 1969 00:00:00 GMT', undefined],
  ['soon', undefined],
  ['-5', undefined],
  [null, undefined],
])('Retry-After %p is %p ms', (header, expected) => {
  expect(retryAfterMs(header, 0)).toBe(expected);
});

it.each([
  ['Order ID not found or Status not Pending', 'Order ID not found or Status not Pending'],
  ['Client jane.roe@example.com of 12 Elm Road could not be found', 'Client … of … could not be found'],
  ['Could not create account: user zaphod exists', 'Could not create account: user … exists'],
  ['Invalid IP 203.0.113.9', 'Invalid IP …'],
  ['product 17 has no field 5550100123456', 'product 17 has no field …'],
  ['call me at 5550100', 'call … at …'],
  ['Zoë Ångström\n\u0000', '…'],
  ['REQUIRED_FIELD_MISSING on Billing_Cycle__c by SMITH', 'REQUIRED_FIELD_MISSING on Billing_Cycle__c by …'],
])('the safe part of "%s" is "%s"', (text, expected) => {
  expect(safeText(text)).toBe(expected);
});

it('keeps no more of a text than the limit', () => {
  expect(safeText('order not found '.repeat(500), 50).length).toBeLessThanOrEqual(50);
});
