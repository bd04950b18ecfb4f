import { bearerToken, duration, priceBookId, text } from './values';
import { define } from './variable';

/** What the portal alone reads: of the catalog it shows. */
export const CATALOG = define({
  SF_PRICE_BOOK_ID: {
    schema: priceBookId.optional(),
    about:
      'Id of the price book that the catalog shows. Unset: the only active custom one; with none or several, the standard one.',
  },
});

/** For how long it shows what it holds, where no event tells of a change. */
export const CACHE_TTL = define({
  CACHE_ORDER_TTL: {
    schema: duration,
    fallback: '5 minutes',
    about: 'How long an order, or an account’s list of orders, stays in the cache unless an event removes it.',
  },
  CACHE_CATALOG_TTL: {
    schema: duration,
    fallback: '10 minutes',
    about: 'How long the catalog stays in the cache unless an event removes it.',
  },
});

/** And who may read what of it. */
export const PORTAL = define({
  PORTAL_TOKEN: {
    schema: bearerToken.optional(),
    about:
      'Bearer token (16 characters or more) of a backend that has checked its customer itself: it reads everything.',
    secret: true,
  },
  PORTAL_JWT_KEY: {
    schema: text().optional(),
    about:
      'Public key (PEM), or a secret of 32 bytes at least, of customers’ tokens; their claim `account` names the account they may read.',
    secret: true,
  },
  PORTAL_JWT_AUDIENCE: { schema: text().optional(), about: 'Required audience of customers’ tokens.' },
  PORTAL_JWT_ISSUER: { schema: text().optional(), about: 'Required issuer of customers’ tokens.' },
});
