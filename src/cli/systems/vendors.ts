import { loadCliConfig, type Environment } from '../../config';
import { openSalesforce as open } from '../../processes/salesforce';
import type { Salesforce, SalesforceFields } from '../../salesforce';
import { createWhmcs, type Whmcs } from '../../whmcs';

/** Sends nothing until it is used. @throws ConfigurationError */
export function openSalesforce(environment: Environment): Salesforce & { fields: SalesforceFields } {
  return open(loadCliConfig.salesforce(environment), () => undefined);
}

/** Sends nothing until it is used. @throws ConfigurationError */
export function openWhmcs(environment: Environment): Whmcs {
  return createWhmcs(loadCliConfig.whmcs(environment));
}
