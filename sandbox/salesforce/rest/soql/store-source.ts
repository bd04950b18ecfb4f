import type { Clock } from '../../clock';
import type { Field, SObjectType } from '../../schema/schema';
import type { Store } from '../../store/types';
import type { Permissions } from '../permissions';
import type { SoqlField, SoqlKind, SoqlObject, SoqlSource } from './source';

const KINDS: Record<Field['type'], SoqlKind> = {
  id: 'id',
  reference: 'id',
  string: 'text',
  textarea: 'text',
  picklist: 'text',
  email: 'text',
  phone: 'text',
  url: 'text',
  autonumber: 'text',
  currency: 'number',
  double: 'number',
  percent: 'number',
  int: 'number',
  boolean: 'boolean',
  date: 'date',
  datetime: 'datetime',
  address: 'opaque',
};

/** Text longer than this is a long text area, which SOQL can select and not filter. */
const LONGEST_FILTERABLE = 255;

function fieldOf(field: Field): SoqlField {
  const components =
    field.components &&
    Object.fromEntries(
      Object.entries(field.components).map(([part, name]) => [part.charAt(0).toLowerCase() + part.slice(1), name]),
    );
  const long = field.type === 'textarea' && (field.length ?? LONGEST_FILTERABLE) > LONGEST_FILTERABLE;
  return {
    name: field.name,
    kind: KINDS[field.type],
    relationshipName: field.relationshipName,
    referenceTo: field.referenceTo?.[0],
    filterable: !long && components === undefined,
    components,
  };
}

function objectOf(type: SObjectType, permissions: Permissions): SoqlObject {
  const fields = type.fields.filter((field) => permissions.readable(type.name, field.name)).map(fieldOf);
  const byName = new Map(fields.map((field) => [field.name.toLowerCase(), field]));
  return {
    name: type.name,
    fields,
    field: (name) => byName.get(name.toLowerCase()),
    child: (relationshipName) => {
      const child = type.children.find((c) => c.name?.toLowerCase() === relationshipName.toLowerCase());
      return child?.name === undefined
        ? undefined
        : { relationshipName: child.name, object: child.object, field: child.field };
    },
  };
}

/** The store as SOQL sees it, through the eyes of a user: fields without read permission do not exist. */
export function storeSource(store: Store, clock: Clock, permissions: Permissions): SoqlSource {
  const objects = new Map<string, SoqlObject>();
  return {
    object: (name) => {
      const type = store.schema.object(name);
      if (type === undefined) return undefined;
      const object = objects.get(type.name) ?? objectOf(type, permissions);
      objects.set(type.name, object);
      return object;
    },
    rows: (object, options) => store.rows(object, options),
    row: (object, id) => store.get(object, id, { includeDeleted: true }),
    now: () => clock.now(),
  };
}
