import type { SalesforceEmulator } from '../../sandbox/salesforce';
import type { WhmcsEmulator } from '../../sandbox/whmcs';
import { MARKER_FIELD_NAME } from '../../sandbox/whmcs/seed';
import { createSalesforce, type SalesforceOrders, type SalesforceSession } from '../../src/salesforce';
import { createWhmcs, type WhmcsOrders } from '../../src/whmcs';
import { createWhmcsClient, type WhmcsClient } from '../../src/whmcs/client';

/** Where the emulators are and how to get in, for another process. */
export interface VendorAddresses {
  loginUrl: string;
  clientId: string;
  clientSecret: string;
  pubsubEndpoint: string;
  whmcsUrl: string;
  identifier: string;
  secret: string;
}

/** The vendors through the product's own clients: no contestant is slower for the code that sends its requests. */
export interface Vendors {
  session: SalesforceSession;
  salesforce: SalesforceOrders;
  whmcs: WhmcsOrders;
  whmcsClient: WhmcsClient;
}

export function addressesOf(salesforce: SalesforceEmulator, whmcs: WhmcsEmulator): VendorAddresses {
  const { loginUrl, pubsubEndpoint, credentials } = salesforce;
  const { clientId, clientSecret } = credentials;
  const { identifier, secret } = whmcs.credentials;
  return { loginUrl, clientId, clientSecret, pubsubEndpoint, whmcsUrl: whmcs.apiUrl, identifier, secret };
}

/** @param whmcsTimeoutMs time limit of one call to WHMCS */
export function connectVendors(addresses: VendorAddresses, whmcsTimeoutMs: number): Vendors {
  const { loginUrl, clientId, clientSecret, whmcsUrl: apiUrl, identifier, secret } = addresses;
  const { session, orders } = createSalesforce({
    loginUrl,
    clientId,
    credentials: { clientSecret },
    timeoutMs: 30_000,
  });
  const access = { apiUrl, identifier, secret, timeoutMs: whmcsTimeoutMs };
  return {
    session,
    salesforce: orders,
    whmcs: createWhmcs({ ...access, paymentMethod: 'mailin', markerField: MARKER_FIELD_NAME }).orders,
    whmcsClient: createWhmcsClient(access),
  };
}
