import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { PublishedTypes, publishedFile } from '../support/published-types';
import { componentsBelow, filesBelow, PROJECT, type Component } from './source';

/**
 * As far as it can be told without an org: each file is well-formed, and has the elements, and only those, that the Metadata
 * API's types (`@salesforce/types`, made from its WSDL) know, with values of their kind. What an org decides (features,
 * licences, dependencies between permissions) is beyond this.
 */
const types = new PublishedTypes(publishedFile('@salesforce/types', 'lib/metadata.d.ts'), 'text');
const components = [...componentsBelow('force-app'), ...componentsBelow('app-templates')];

/** Suffix and folder of each type, from its page in the Metadata API Developer Guide. */
const PLACES: Record<string, RegExp> = {
  CustomField: /^force-app\/main\/default\/objects\/\w+\/fields\/\w+\.field-meta\.xml$/,
  CustomObject: /^force-app\/main\/default\/objects\/(\w+)\/\1\.object-meta\.xml$/,
  Flow: /^force-app\/main\/default\/flows\/\w+\.flow-meta\.xml$/,
  PermissionSet: /^force-app\/main\/default\/permissionsets\/\w+\.permissionset-meta\.xml$/,
  PlatformEventChannel: /^force-app\/main\/default\/platformEventChannels\/\w+__chn\.platformEventChannel-meta\.xml$/,
  PlatformEventChannelMember:
    /^force-app\/main\/default\/platformEventChannelMembers\/\w+\.platformEventChannelMember-meta\.xml$/,
  ConnectedApp: /^app-templates\/connected-app\/connectedApps\/\w+\.connectedApp-meta\.xml$/,
  ExternalClientApplication: /^app-templates\/external-client-app\/externalClientApps\/\w+\.eca-meta\.xml$/,
  ExtlClntAppGlobalOauthSettings:
    /^app-templates\/external-client-app\/extlClntAppGlobalOauthSets\/\w+\.ecaGlblOauth-meta\.xml$/,
  ExtlClntAppOauthSettings: /^app-templates\/external-client-app\/extlClntAppOauthSettings\/\w+\.ecaOauth-meta\.xml$/,
  ExtlClntAppOauthConfigurablePolicies:
    /^app-templates\/external-client-app\/extlClntAppOauthPolicies\/\w+\.ecaOauthPlcy-meta\.xml$/,
};

test.each(components.map((component) => [component.path, component] as const))(
  '%s has the published shape',
  (_path, { type, path, content }) => {
    expect(types.faults(type, content)).toEqual([]);
    expect(path).toMatch(PLACES[type] ?? /no place known/);
  },
);

test('the check sees unknown, missing and wrong elements', () => {
  const member: Component['content'] = { eventChannel: 'ChangeEvents', selectedEntity: 'OrderChangeEvent' };
  expect(types.faults('PlatformEventChannelMember', member)).toEqual([]);
  expect(types.faults('PlatformEventChannelMember', { ...member, description: 'x' })).toHaveLength(1);
  expect(types.faults('PlatformEventChannelMember', { eventChannel: 'ChangeEvents' })).toHaveLength(1);
  expect(types.faults('CustomField', { type: 'Teapot' })).toHaveLength(1);
  expect(types.faults('CustomField', { length: 'long' })).toHaveLength(1);
  expect(types.faults('CustomField', { valueSet: { restricted: 'maybe' } })).toHaveLength(1);
});

test('the project file is valid, and names the API version that the product speaks', () => {
  const project = JSON.parse(readFileSync(join(PROJECT, 'sfdx-project.json'), 'utf8')) as { sourceApiVersion: string };
  const schemaFile = publishedFile('@salesforce/schemas', 'sfdx-project.schema.json');
  const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(schemaFile, 'utf8')) as object);
  expect([validate(project), validate.errors]).toEqual([true, null]);
  expect(project.sourceApiVersion).toMatch(/^\d\d\.0$/);
});

test('no file holds a secret', () => {
  const files = [...filesBelow('force-app'), ...filesBelow('app-templates'), ...filesBelow('manifest')];
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    expect([file, /consumerSecret>|consumerKey>|BEGIN [A-Z ]*PRIVATE KEY/.test(text)]).toEqual([file, false]);
  }
});
