import { CATALOG_CONDITIONS, catalogColumns } from './catalog';
import type { SalesforceFields } from './fields';
import { writtenItemFields, writtenOrderFields } from './orders';
import { itemColumns, orderColumns } from './rows';
import { itemViewColumns, orderViewColumns } from './views';

/** A field that the product reads, and whether it writes it too. */
export interface NeededField {
  object: string;
  field: string;
  written: boolean;
}

/**
 * Every field that the product's requests name, from the very lists that they are made of: of the worker, and of the caches' views.
 * By object, each once.
 */
export function neededFields(fields: SalesforceFields): NeededField[] {
  const read = [
    ...fieldsOf('Order', [...orderColumns(fields), ...orderViewColumns(fields), ...writtenOrderFields(fields)]),
    ...fieldsOf('OrderItem', [...itemColumns(fields), ...itemViewColumns(fields)]),
    ...fieldsOf('PricebookEntry', [...catalogColumns(fields), ...CATALOG_CONDITIONS]),
  ];
  const written = [
    ...fieldsOf('Order', writtenOrderFields(fields)),
    ...fieldsOf('OrderItem', writtenItemFields(fields)),
  ];
  const names = [...new Set([...read, ...written])].toSorted();
  return names.map((name) => {
    const [object = '', field = ''] = name.split('.');
    return { object, field, written: written.includes(name) };
  });
}

/** `Object.Field` of each. A parent's field stands behind its relationship, which of these objects is called as the parent is. */
const fieldsOf = (object: string, columns: readonly string[]): string[] =>
  columns.map((column) => (column.includes('.') ? column : `${object}.${column}`));
