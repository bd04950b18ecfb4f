import { z } from 'zod';

/** An API name. Checked, since it becomes part of SOQL. */
const apiName = z
  .string()
  .regex(/^[A-Za-z](?:[A-Za-z0-9]|_(?!_?$))*(?:__c)?$/, 'is not the API name of a Salesforce field');

/**
 * The names of the fields that an org may have called otherwise: the content of SF_FIELDS_FILE. A name left out keeps its
 * default; an unknown key is refused, since it would be a misspelling.
 */
export const fieldsSchema = z.strictObject({
  order: z
    .strictObject({
      activationStatus: apiName.default('Activation_Status__c'),
      activationErrorCode: apiName.default('Activation_Error_Code__c'),
      activationErrorMessage: apiName.default('Activation_Error_Message__c'),
      whmcsOrderId: apiName.default('WHMCS_Order_ID__c'),
      /** ISO 4217 code of the order: `CurrencyIsoCode` in an org of several currencies, which has it on prices as well. */
      currency: apiName.nullable().default(null),
    })
    .prefault({}),
  account: z.strictObject({ whmcsClientId: apiName.default('WHMCS_Client_ID__c') }).prefault({}),
  product: z.strictObject({ whmcsProductId: apiName.default('WHMCS_Product_ID__c') }).prefault({}),
  orderItem: z
    .strictObject({
      billingCycle: apiName.default('Billing_Cycle__c'),
      whmcsServiceId: apiName.default('WHMCS_Service_ID__c'),
    })
    .prefault({}),
  /** Of the platform event by which an order is asked for in dual mode. */
  fulfilmentRequest: z
    .strictObject({
      orderId: apiName.default('OrderId__c'),
      requestedBy: apiName.default('RequestedBy__c'),
      priority: apiName.default('Priority__c'),
      correlationId: apiName.default('CorrelationId__c'),
    })
    .prefault({}),
});

/** Names of the custom fields, by what they hold. */
export type SalesforceFields = z.infer<typeof fieldsSchema>;

/** The fields as DESIGN names them, without a currency. */
export const DEFAULT_FIELDS: SalesforceFields = fieldsSchema.parse({});

/**
 * The field names of a parsed SF_FIELDS_FILE.
 * @throws Error whose message names every fault by its path, e.g. `order.whmcsOrderId is not the API name of a Salesforce field`.
 */
export function parseFields(json: unknown): SalesforceFields {
  const result = fieldsSchema.safeParse(json);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'} ${message}`);
  throw new Error(faults.join('; '));
}
