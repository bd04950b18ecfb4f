import { RestError } from '../errors';
import { valueOf, type SoqlField, type SoqlObject, type SoqlRow, type SoqlSource } from './source';

const REFERENCE = 'Please reference your WSDL or the describe call for the appropriate names.';

/** INVALID_TYPE, as Salesforce words it. */
export const noSuchObject = (name: string) =>
  new RestError(
    400,
    'INVALID_TYPE',
    `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. ${REFERENCE}`,
  );

/** INVALID_FIELD for a column that is not there, or that the user may not see: Salesforce does not tell the two apart. */
export const noSuchColumn = (field: string, entity: string) =>
  new RestError(
    400,
    'INVALID_FIELD',
    `No such column '${field}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. ${REFERENCE}`,
  );

const noSuchRelationship = (name: string) =>
  new RestError(
    400,
    'INVALID_FIELD',
    `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. ${REFERENCE}`,
  );

/** A field reached from a row, perhaps through parents: `Account.Owner.Name`. */
export interface FieldPath {
  /** The true names of the relationships on the way. */
  parents: string[];
  field: SoqlField;
  /** The object that has the field. */
  owner: SoqlObject;
  /** The value; undefined where a parent on the way is missing. */
  read(row: SoqlRow): unknown;
}

/** One step from a row to its parent. */
export interface ParentStep {
  relationshipName: string;
  object: SoqlObject;
  row(child: SoqlRow): SoqlRow | undefined;
}

/** @throws RestError INVALID_FIELD where `object` has no such relationship. */
export function parentStep(source: SoqlSource, object: SoqlObject, relationship: string): ParentStep {
  const reference = object.fields.find((f) => f.relationshipName?.toLowerCase() === relationship.toLowerCase());
  const parent = reference?.referenceTo === undefined ? undefined : source.object(reference.referenceTo);
  if (reference?.relationshipName === undefined || parent === undefined) throw noSuchRelationship(relationship);
  return {
    relationshipName: reference.relationshipName,
    object: parent,
    row: (child) => {
      const id = child[reference.name];
      return typeof id === 'string' ? source.row(parent.name, id) : undefined;
    },
  };
}

/**
 * Resolves a dotted path; a leading alias or name of the object itself is dropped.
 * @throws RestError INVALID_FIELD for an unknown relationship or field.
 */
export function fieldPath(source: SoqlSource, object: SoqlObject, path: string, alias?: string): FieldPath {
  const names = path.split('.');
  const first = names[0]!.toLowerCase();
  if (names.length > 1 && (first === alias?.toLowerCase() || first === object.name.toLowerCase())) names.shift();
  const last = names.pop()!;
  const steps: ParentStep[] = [];
  let owner = object;
  for (const name of names) {
    const step = parentStep(source, owner, name);
    steps.push(step);
    owner = step.object;
  }
  const field = owner.field(last);
  if (field === undefined) throw noSuchColumn(last, owner.name);
  return {
    parents: steps.map((s) => s.relationshipName),
    field,
    owner,
    read: (row) => {
      let at: SoqlRow | undefined = row;
      for (const step of steps) at = at === undefined ? undefined : step.row(at);
      return at === undefined ? undefined : valueOf(field, at);
    },
  };
}
