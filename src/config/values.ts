import { z } from 'zod';
import { isLoopback } from '../domain/loopback';
import { idOrUndefined, parseRecordId } from '../domain/record-id';
import { parseDuration } from './durations';

/** Kinds of value that a variable may hold. Each says in its message what it wants. */

export const text = (): z.ZodString => z.string().trim().min(1, 'must not be empty');

/** A bearer token: guessed by nobody, and sent in one word. */
export const bearerToken = z.string().regex(/^\S{16,}$/, 'must be 16 characters or more, without spaces');

export const duration = z.string().transform((value, context) => {
  const parsed = parseDuration(value);
  if (parsed === undefined) {
    context.addIssue({
      code: 'custom',
      message: `must be a duration such as "30 seconds", 90s, 15m or 30d, not "${value}"`,
    });
    return z.NEVER;
  }
  return parsed;
});

export const list = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim()))
  .refine(
    (parts) => parts.length > 0 && parts.every((part) => part !== ''),
    'must be a comma list without empty parts',
  );

export const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');

/** In decimal digits alone: `0x10` and `1e3` are somebody's mistake. */
function wholeNumber(least: number, most: number, message: string) {
  return z
    .string(message)
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= least && value <= most, message);
}

export const count = wholeNumber(1, Number.MAX_SAFE_INTEGER, 'must be a whole number above 0');

/** As {@link count}, for what does not work with one alone. */
export const severalOrMore = wholeNumber(2, Number.MAX_SAFE_INTEGER, 'must be a whole number above 1');

const MOST_PORT = 65_535;
export const port = wholeNumber(0, MOST_PORT, 'must be a port number');

/** `host:port`, as gRPC takes it. */
export const hostAndPort = z.string().refine((value) => {
  const port = /^(?:\[[\da-fA-F:.]+\]|[^\s:/@]+):(\d{1,5})$/.exec(value)?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= MOST_PORT;
}, 'must be a host and a port such as api.pubsub.salesforce.com:7443, without https://');

export const priceBookId = z.string().transform((value, context) => {
  const id = idOrUndefined(parseRecordId, value);
  if (id?.startsWith('01s') === true) return id;
  context.addIssue({
    code: 'custom',
    message: 'must be the id of a price book: 15 or 18 characters that begin with 01s',
  });
  return z.NEVER;
});

const CHANNEL = /^\/(?:data|event)\/\w+$/;

export const channel = z
  .string()
  .regex(
    CHANNEL,
    'must be the address of a channel such as /data/OrderChangeEvent or /event/Order_Fulfilment_Requested__e',
  );

/** A channel, or `none`: nobody listens. Empty is unset, as everywhere. */
export const channelOrNone = z
  .string()
  .refine(
    (value) => value === 'none' || CHANNEL.test(value),
    'must be the address of a channel such as /data/Product2ChangeEvent, or none',
  )
  .transform((value) => (value === 'none' ? undefined : value));

/** An https address; http for loopback hosts only, so that no secret crosses a network in the clear. */
export const httpsUrl = z.string().superRefine((value, context) => {
  const fault = (message: string): void => context.addIssue({ code: 'custom', message });
  if (!URL.canParse(value)) {
    fault('must be an address such as https://example.com');
    return;
  }
  const { protocol, hostname, username, password } = new URL(value);
  if (username !== '' || password !== '') fault('must not hold credentials');
  if (protocol === 'https:') return;
  if (protocol !== 'http:') fault('must begin with https://');
  else if (!isLoopback(hostname)) fault('must begin with https:// (http: is accepted for loopback hosts only)');
});

export const isRedisUrl = (value: string): boolean => URL.canParse(value) && /^rediss?:$/.test(new URL(value).protocol);
