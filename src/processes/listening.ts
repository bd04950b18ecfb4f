import type { ListenerConfig } from '../config';
import { DEFAULT_CUSTOMER_FACING_ORDER_FIELDS } from '../domain/decision';
import type { ListenerConfig as Listening } from '../listener';
import { DEFAULT_FIELDS, type SalesforceFields } from '../salesforce';

/** What the listener is to do, from the environment and the names that the org gives its fields. */
export function listening(
  { pubsub, policy, customerFacingFields }: Pick<ListenerConfig, 'pubsub' | 'policy' | 'customerFacingFields'>,
  fields: SalesforceFields,
): Listening {
  const { endpoint, insecure, channels, managedSubscriptions, replayFrom, silenceLimitMs } = pubsub;
  return {
    pubsub: { endpoint, insecure },
    channels,
    managedSubscriptions,
    replayFrom,
    silenceLimitMs,
    provisionStatuses: policy.provisionStatuses,
    customerFacingFields: customerFacingFields ?? defaultCustomerFacing(fields),
    fulfilmentFields: fields.fulfilmentRequest,
  };
}

/** The default list, by the names that this org gives the fields of it that may be called otherwise. */
function defaultCustomerFacing({ order }: SalesforceFields): string[] {
  const renamed = new Map<string, string>([
    [DEFAULT_FIELDS.order.activationStatus, order.activationStatus],
    [DEFAULT_FIELDS.order.whmcsOrderId, order.whmcsOrderId],
    ['CurrencyIsoCode', order.currency ?? 'CurrencyIsoCode'],
  ]);
  return DEFAULT_CUSTOMER_FACING_ORDER_FIELDS.map((name) => renamed.get(name) ?? name);
}
