import { jwtAlgorithms } from '../domain/jwt-key';
import type { Loader } from './load';
import { CACHE_TTL, CATALOG, PORTAL } from './variables';

/** What the portal alone reads; a fault is kept by the loader. */

/** Who may read what. */
export function portalAccess(loader: Loader) {
  const values = loader.read(PORTAL);
  const key = values.PORTAL_JWT_KEY?.replaceAll('\\n', '\n');
  const judged = key === undefined ? undefined : jwtAlgorithms(key);
  if (judged !== undefined && 'fault' in judged) loader.fault('PORTAL_JWT_KEY', judged.fault);
  return {
    token: values.PORTAL_TOKEN,
    jwt:
      key === undefined ? undefined : { key, audience: values.PORTAL_JWT_AUDIENCE, issuer: values.PORTAL_JWT_ISSUER },
  };
}

/** Which price book the catalog is of. */
export function catalog(loader: Loader) {
  return { priceBookId: loader.read(CATALOG).SF_PRICE_BOOK_ID };
}

/** ms. */
export function cacheTtls(loader: Loader) {
  const values = loader.read(CACHE_TTL);
  return { ordersMs: values.CACHE_ORDER_TTL, catalogMs: values.CACHE_CATALOG_TTL };
}
