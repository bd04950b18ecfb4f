import { fromSalesforceDateTime, toSalesforceDateTime } from '../clock';
import type { Field } from '../schema/schema';
import { SalesforceError } from './errors';
import { normaliseId } from './ids';
import type { FieldValue } from './types';

/**
 * Checks and normalises one given value as the API does. Messages follow the wording of the platform closely enough
 * that a person recognises them; codes are exact (SOAP API Developer Guide, "StatusCode").
 */

function wrongType(field: Field, value: unknown): SalesforceError {
  return new SalesforceError(
    'JSON_PARSER_ERROR',
    `Cannot deserialize instance of ${field.type} from ${value === null ? 'null' : typeof value} value ${JSON.stringify(value)}`,
  );
}

function text(field: Field, value: unknown): string | null {
  // The API turns numbers and booleans into text for text fields, trims, and stores an empty text as null.
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw wrongType(field, value);
  const trimmed = String(value).trim();
  return trimmed === '' ? null : trimmed;
}

function limited(field: Field, value: unknown, defaultLength: number): string | null {
  const result = text(field, value);
  const length = field.length ?? defaultLength;
  if (result !== null && result.length > length) {
    const shown = result.length > 60 ? `${result.slice(0, 60)}...` : result;
    throw new SalesforceError(
      'STRING_TOO_LONG',
      `${field.label ?? field.name}: data value too large: ${shown} (max length=${length})`,
      [field.name],
    );
  }
  return result;
}

function number(field: Field, value: unknown): number {
  const result = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof result !== 'number' || !Number.isFinite(result)) throw wrongType(field, value);
  const scale = field.type === 'int' ? 0 : (field.scale ?? 2);
  const digits = (field.precision ?? 18) - scale;
  if (Math.abs(result) >= 10 ** digits) {
    throw new SalesforceError(
      'NUMBER_OUTSIDE_VALID_RANGE',
      `${field.label ?? field.name}: value outside of valid range on numeric field: ${result}`,
      [field.name],
    );
  }
  if (field.type === 'int' && !Number.isInteger(result)) throw wrongType(field, value);
  return Math.round(result * 10 ** Math.min(scale, 12)) / 10 ** Math.min(scale, 12);
}

function picklist(field: Field, value: unknown): string | null {
  const result = text(field, value);
  if (result === null || !field.restricted) return result;
  const known = field.values?.find((allowed) => allowed.toLowerCase() === result.toLowerCase());
  if (known !== undefined) return known;
  throw new SalesforceError(
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    `${field.label ?? field.name}: bad value for restricted picklist field: ${result}`,
    [field.name],
  );
}

function time(field: Field, value: unknown): string {
  const epochMs = typeof value === 'string' ? fromSalesforceDateTime(value) : NaN;
  if (typeof value !== 'string' || Number.isNaN(epochMs)) throw wrongType(field, value);
  if (field.type === 'datetime') return toSalesforceDateTime(epochMs);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) throw wrongType(field, value);
  return value;
}

/**
 * The value as stored. References are checked for shape here and for existence by the store.
 * @throws SalesforceError
 */
export function toStored(field: Field, value: unknown): FieldValue {
  if (value === null || value === undefined) {
    if (field.type === 'boolean') {
      throw new SalesforceError('INVALID_TYPE_ON_FIELD_IN_RECORD', `${field.name}: value not of required type: null`, [
        field.name,
      ]);
    }
    return null;
  }
  switch (field.type) {
    case 'string':
    case 'phone':
    case 'url':
    case 'autonumber':
      return limited(field, value, 255);
    case 'textarea':
      return limited(field, value, 32_000);
    case 'email': {
      const address = limited(field, value, 80);
      if (address !== null && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(address)) {
        throw new SalesforceError('INVALID_EMAIL_ADDRESS', `${field.name}: invalid email address: ${address}`, [
          field.name,
        ]);
      }
      return address;
    }
    case 'picklist':
      return picklist(field, value);
    case 'id':
    case 'reference': {
      const given = text(field, value);
      if (given === null) return null;
      const id = normaliseId(given);
      if (id === undefined) {
        throw new SalesforceError('MALFORMED_ID', `${field.name}: id value of incorrect type: ${given}`, [field.name]);
      }
      return id;
    }
    case 'currency':
    case 'double':
    case 'percent':
    case 'int':
      return number(field, value);
    case 'boolean':
      if (typeof value === 'boolean') return value;
      if (value === 'true' || value === 'false') return value === 'true';
      throw wrongType(field, value);
    case 'date':
    case 'datetime':
      return time(field, value);
    case 'address':
      throw new SalesforceError('INVALID_FIELD', `${field.name} is a compound field: set its components`, [field.name]);
  }
}
