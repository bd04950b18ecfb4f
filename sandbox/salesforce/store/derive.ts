import type { SObjectType } from '../schema/schema';
import { SalesforceError } from './errors';
import type { FieldValue, Row } from './types';

/**
 * What the platform itself fills in or insists on for its standard objects (Object Reference, the pages of each
 * object). Custom objects and objects of a second schema file have none of it.
 */

export type Fields = Record<string, FieldValue>;
export type Lookup = (object: string, id: FieldValue) => Row | undefined;

function personName(fields: Fields): void {
  fields['Name'] = [fields['FirstName'], fields['LastName']].filter(Boolean).join(' ');
}

const completions: Record<string, (fields: Fields, lookup: Lookup) => void> = {
  User: personName,
  Contact: personName,
  PricebookEntry(fields, lookup) {
    const product = lookup('Product2', fields['Product2Id'] ?? null);
    fields['Name'] = product?.['Name'] ?? null;
    fields['ProductCode'] = product?.['ProductCode'] ?? null;
  },
  Order(fields) {
    fields['StatusCode'] =
      fields['Status'] === 'Activated' ? 'Activated' : fields['Status'] === 'Cancelled' ? 'Canceled' : 'Draft';
  },
  OrderItem(fields, lookup) {
    const entry = lookup('PricebookEntry', fields['PricebookEntryId'] ?? null);
    const order = lookup('Order', fields['OrderId'] ?? null);
    fields['Product2Id'] = entry?.['Product2Id'] ?? null;
    fields['ListPrice'] = entry?.['UnitPrice'] ?? null;
    if (entry && order?.['Pricebook2Id'] && order['Pricebook2Id'] !== entry['Pricebook2Id']) {
      throw new SalesforceError(
        'FIELD_INTEGRITY_EXCEPTION',
        'field integrity exception: PricebookEntryId (pricebook entry is in a different pricebook than the one assigned to the order)',
        ['PricebookEntryId'],
      );
    }
  },
};

/** Fills in the fields that follow from others. Changes `fields`. @throws SalesforceError */
export function complete(type: SObjectType, fields: Fields, lookup: Lookup): void {
  completions[type.name]?.(fields, lookup);
  for (const field of type.fields) {
    if (!field.product) continue;
    const factors = field.product.map((name) => fields[name]);
    fields[field.name] = factors.every((factor): factor is number => typeof factor === 'number')
      ? Math.round(factors.reduce((a, b) => a * b, 1) * 100) / 100
      : null;
  }
}
