import type { Field, PlatformEvent, SObjectType } from '../../schema/schema';
import type { ApiDeps } from '../api';

const SOAP_TYPES: Partial<Record<Field['type'], string>> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  currency: 'xsd:double',
  double: 'xsd:double',
  percent: 'xsd:double',
  int: 'xsd:int',
  boolean: 'xsd:boolean',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  address: 'urn:address',
};

function describeField(field: Field, custom: boolean) {
  const calculated = field.product !== undefined || field.sum !== undefined;
  return {
    name: field.name,
    label: field.label ?? field.name,
    // What the API calls an autonumber is a string that counts itself.
    type: field.type === 'autonumber' ? 'string' : field.type,
    soapType: SOAP_TYPES[field.type] ?? 'xsd:string',
    length: field.length ?? (field.type === 'id' || field.type === 'reference' ? 18 : 0),
    precision: field.precision ?? 0,
    scale: field.scale ?? 0,
    custom,
    calculated,
    autoNumber: field.type === 'autonumber',
    nillable: !field.required && field.type !== 'boolean' && field.type !== 'id',
    defaultedOnCreate: field.default !== undefined || field.type === 'boolean',
    createable: field.createable && !calculated,
    updateable: field.updateable && !calculated,
    filterable: field.type !== 'address' && !(field.type === 'textarea' && (field.length ?? 255) > 255),
    sortable: field.type !== 'address',
    unique: field.unique,
    externalId: field.externalId,
    idLookup: field.type === 'id' || field.externalId,
    restrictedPicklist: field.restricted,
    picklistValues: (field.values ?? []).map((value) => ({
      value,
      label: value,
      active: true,
      defaultValue: value === field.default,
    })),
    referenceTo: field.referenceTo ?? [],
    relationshipName: field.relationshipName ?? null,
    deprecatedAndHidden: false,
  };
}

function summary(type: SObjectType, base: string) {
  return {
    name: type.name,
    label: type.label ?? type.name,
    labelPlural: type.labelPlural ?? type.name,
    keyPrefix: type.keyPrefix,
    custom: type.name.endsWith('__c'),
    createable: true,
    updateable: true,
    deletable: true,
    undeletable: true,
    queryable: true,
    retrieveable: true,
    deprecatedAndHidden: false,
    urls: {
      sobject: `${base}/sobjects/${type.name}`,
      describe: `${base}/sobjects/${type.name}/describe`,
      rowTemplate: `${base}/sobjects/${type.name}/{ID}`,
    },
  };
}

/** The list of objects. */
export function describeGlobal({ store }: ApiDeps, apiVersion: string) {
  const base = `/services/data/v${apiVersion}`;
  return { encoding: 'UTF-8', maxBatchSize: 200, sobjects: store.schema.objects.map((type) => summary(type, base)) };
}

/** One object with the fields that the user may see. */
export function describeObject({ permissions }: ApiDeps, type: SObjectType, apiVersion: string) {
  return {
    ...summary(type, `/services/data/v${apiVersion}`),
    fields: type.fields
      .filter((field) => permissions.readable(type.name, field.name))
      .map((field) => {
        const described = describeField(field, field.name.endsWith('__c'));
        const writable = permissions.writable(type.name, field.name);
        return {
          ...described,
          createable: described.createable && writable,
          updateable: described.updateable && writable,
        };
      }),
    childRelationships: type.children.map((child) => ({
      childSObject: child.object,
      field: child.field,
      relationshipName: child.name ?? null,
      cascadeDelete: child.cascadeDelete,
      deprecatedAndHidden: false,
    })),
    recordTypeInfos: [],
  };
}

/** A platform event: it can be published and nothing else. */
export function describeEvent(event: PlatformEvent) {
  return {
    name: event.name,
    label: event.label ?? event.name,
    keyPrefix: event.keyPrefix,
    custom: true,
    createable: true,
    updateable: false,
    deletable: false,
    queryable: false,
    deprecatedAndHidden: false,
    fields: event.fields.map((field) => ({ ...describeField(field, field.name.endsWith('__c')), updateable: false })),
  };
}
