import { createCatalog, type Catalog, type CatalogOptions } from './catalog';
import type { SalesforceOrders } from './contract';
import { DEFAULT_FIELDS, type SalesforceFields } from './fields';
import { createSalesforceOrders } from './orders';
import { createSalesforceProbe, type SalesforceProbe } from './probe';
import { createSalesforceSession, type SalesforceSession, type SalesforceSessionOptions } from './session';
import { createOrderViews, type OrderViews } from './views';

export type { Catalog, CatalogOptions } from './catalog';
export type { SalesforceOrders } from './contract';
export { DEFAULT_FIELDS, parseFields, type SalesforceFields } from './fields';
export type { SalesforceCredentials, SalesforceLogin } from './login';
export type { FieldCheck, SalesforceProbe } from './probe';
export { createSalesforceSession, type SalesforceSession, type SalesforceSessionOptions } from './session';
export type { OrderViews } from './views';

export interface SalesforceOptions extends SalesforceSessionOptions {
  /** Names of the custom fields; the defaults unless given. */
  fields?: SalesforceFields | undefined;
  catalog?: CatalogOptions | undefined;
}

export interface Salesforce {
  session: SalesforceSession;
  orders: SalesforceOrders;
  /** The sources of the caches. */
  views: OrderViews;
  catalog: Catalog;
  probe: SalesforceProbe;
}

/** Salesforce over one session. Nothing is sent until one of the parts is called. */
export function createSalesforce(options: SalesforceOptions): Salesforce {
  const { fields = DEFAULT_FIELDS, catalog } = options;
  const session = createSalesforceSession(options);
  return {
    session,
    orders: createSalesforceOrders(session, fields),
    views: createOrderViews(session, fields),
    catalog: createCatalog(session, fields, catalog),
    probe: createSalesforceProbe(session, fields),
  };
}
