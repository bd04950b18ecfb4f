import type { PortalConfig } from '../config';
import type { Admit } from '../limits/vendor-limit';
import type { OnCall } from '../observability/vendor-calls';
import { createSalesforce, type CatalogOptions, type Salesforce, type SalesforceFields } from '../salesforce';

const CALL_LIMIT_MS = 30_000;

/** Salesforce as a process's configuration names it. Logs in at the first call. */
export function openSalesforce(
  { loginUrl, clientId, credentials, fields }: PortalConfig['salesforce'],
  onCall: OnCall,
  { admit, catalog }: { admit?: Admit | undefined; catalog?: CatalogOptions } = {},
): Salesforce & { fields: SalesforceFields } {
  return {
    ...createSalesforce({ loginUrl, clientId, credentials, fields, timeoutMs: CALL_LIMIT_MS, onCall, admit, catalog }),
    fields,
  };
}
