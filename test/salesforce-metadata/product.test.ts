import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { POLICY, PUBSUB } from '../../src/config/variables';
import { ACTIVATION } from '../../src/domain/order';
import { DEFAULT_FIELDS } from '../../src/salesforce';
import { neededFields } from '../../src/salesforce/needed-fields';
import { DEFAULT_API_VERSION } from '../../src/salesforce/session';
import sandboxSchema from '../../sandbox/salesforce/schema/standard.json';
import { fieldsOfTheProduct } from './product-fields';
import { componentsBelow, list, PROJECT, textOf, type Component } from './source';

/** What is deployed is what the product uses, and what the sandbox stands in for. */
const components = componentsBelow('force-app');
const byType = (type: string) => new Map(components.filter((c) => c.type === type).map((c) => [c.fullName, c.content]));
const customFields = byType('CustomField');
const EVENT = 'Order_Fulfilment_Requested__e';
const isCustom = (field: string) => field.endsWith('__c');

/**
 * Standard fields that the product reads and that field-level security can hide: those that a System Administrator profile lists
 * when it is retrieved from an org. Others (required ones, system fields, an order's account) are always visible, and naming them
 * in a permission set would fail the deployment.
 */
const SECURED_STANDARD = new Set([
  'Order.TotalAmount',
  'Product2.Description',
  'Product2.Family',
  'Product2.ProductCode',
]);

function valuesOf(field: Component['content'] | undefined): string[] {
  const definition = (field?.['valueSet'] as Component['content'] | undefined)?.['valueSetDefinition'];
  return list((definition ?? {}) as Component['content'], 'value').map((value) => textOf(value, 'fullName'));
}

test('every custom field that the product reads or writes is deployed, and no other', async () => {
  const { read, written } = await fieldsOfTheProduct();
  const used = [...new Set([...read, ...written])].filter(isCustom).sort();
  expect([...customFields.keys()].filter((name) => !name.startsWith(EVENT)).sort()).toEqual(used);
});

test('the doctor looks for exactly the fields that the product’s requests name, and for the right to write those it writes', async () => {
  const { read, written } = await fieldsOfTheProduct();
  const needed = neededFields(DEFAULT_FIELDS).map((field) => ({ ...field, name: `${field.object}.${field.field}` }));
  expect(needed.map(({ name }) => name)).toEqual([...new Set([...read, ...written])].sort());
  expect(needed.filter((field) => field.written).map(({ name }) => name)).toEqual([...written].sort());
});

test('every deployed field has a label, a description, and a help text for those who meet it', () => {
  for (const [name, content] of customFields) {
    const wanted = name.startsWith(EVENT) ? ['label', 'description'] : ['label', 'description', 'inlineHelpText'];
    expect([name, wanted.filter((element) => textOf(content, element) === '')]).toEqual([name, []]);
    // Limits of the Metadata API: label 40, help text 510, description 1000.
    expect([name, textOf(content, 'label').length <= 40]).toEqual([name, true]);
    expect([name, textOf(content, 'inlineHelpText').length <= 510]).toEqual([name, true]);
    expect([name, textOf(content, 'description').length <= 1000]).toEqual([name, true]);
  }
});

test('the sandbox has the same fields, of the same kind and length', () => {
  const objects = { ...sandboxSchema.objects, ...sandboxSchema.events };
  const described = Object.entries(objects).flatMap(([object, { fields }]) =>
    (fields as SandboxField[]).filter(({ name }) => isCustom(name)).map((field) => [`${object}.${field.name}`, field]),
  ) as [string, SandboxField][];
  expect(described.map(([name]) => name).sort()).toEqual([...customFields.keys()].sort());
  for (const [name, field] of described) {
    const content = customFields.get(name)!;
    expect([name, shape(content)]).toEqual([
      name,
      {
        type: field.type === 'string' ? 'Text' : 'Picklist',
        length: field.length ?? null,
        required: field.required ?? false,
        values: field.values ?? [],
      },
    ]);
  }
});

interface SandboxField {
  name: string;
  type: string;
  length?: number;
  required?: boolean;
  values?: string[];
}

function shape(content: Component['content']) {
  const length = textOf(content, 'length');
  return {
    type: textOf(content, 'type'),
    length: length === '' ? null : Number(length),
    required: textOf(content, 'required') === 'true',
    values: valuesOf(content),
  };
}

test('lengths and values are those that the product writes', () => {
  // src/salesforce/orders.ts cuts to these.
  expect(textOf(customFields.get('Order.Activation_Error_Code__c'), 'length')).toBe('40');
  expect(textOf(customFields.get('Order.Activation_Error_Message__c'), 'length')).toBe('255');
  expect(textOf(customFields.get('OrderItem.WHMCS_Service_ID__c'), 'length')).toBe('255');
  expect(valuesOf(customFields.get('Order.Activation_Status__c')).sort()).toEqual(Object.values(ACTIVATION).sort());
});

/**
 * View All is what Change Data Capture asks of a subscriber. Products and price books do not have it (Salesforce Help, "View All
 * and Modify All Permissions Overview"), and a permission set that grants it there cannot be deployed.
 */
const RIGHTS: Record<string, string[]> = {
  Order: ['allowEdit', 'allowRead', 'viewAllRecords'],
  Account: ['allowRead', 'viewAllRecords'],
  Product2: ['allowRead'],
  Pricebook2: ['allowRead'],
};

describe('the permission set of the integration user', () => {
  const permissions = byType('PermissionSet').get('Order_Provisioning')!;

  test('covers exactly the fields that the product uses, and lets it edit exactly those that it writes', async () => {
    const { read, written } = await fieldsOfTheProduct();
    const secured = (field: string) => isCustom(field) || SECURED_STANDARD.has(field);
    const expected = [...new Set([...read, ...written])].filter(secured).sort();
    const granted = list(permissions, 'fieldPermissions');
    expect(granted.map((one) => textOf(one, 'field')).sort()).toEqual(expected);
    const editable = granted.filter((one) => textOf(one, 'editable') === 'true').map((one) => textOf(one, 'field'));
    expect(editable.sort()).toEqual([...written].sort());
  });

  test('reads what the product reads and edits orders; it creates, deletes and administers nothing', async () => {
    const { read } = await fieldsOfTheProduct();
    // Items follow their order, and entries their price book: neither has permissions of its own.
    const owner: Record<string, string> = { OrderItem: 'Order', PricebookEntry: 'Pricebook2' };
    const objects = new Set([...read].map((field) => field.split('.')[0]!).map((object) => owner[object] ?? object));
    const granted = list(permissions, 'objectPermissions');
    expect(granted.map((one) => textOf(one, 'object')).sort()).toEqual([...objects].sort());
    for (const one of granted) {
      const object = textOf(one, 'object');
      const yes = Object.entries(one).filter(([, value]) => value === 'true');
      expect([object, yes.map(([name]) => name).sort()]).toEqual([object, RIGHTS[object]]);
    }
    expect(list(permissions, 'userPermissions').map((one) => textOf(one, 'name'))).toEqual(['ApiEnabled']);
  });
});

test('Change Data Capture is on for the objects whose channels the listener hears by default', () => {
  const standard = [...byType('PlatformEventChannelMember').values()]
    .filter((member) => textOf(member, 'eventChannel') === 'ChangeEvents')
    .map((member) => `/data/${textOf(member, 'selectedEntity')}`);
  const heard = [
    PUBSUB.SF_ORDER_CDC_CHANNEL,
    PUBSUB.SF_ORDER_ITEM_CDC_CHANNEL,
    PUBSUB.SF_PRODUCT_CDC_CHANNEL,
    PUBSUB.SF_PRICEBOOK_ENTRY_CDC_CHANNEL,
  ];
  expect(standard.sort()).toEqual(heard.map(({ fallback }) => fallback).sort());
});

test('members are called as Salesforce calls them: channel without its double underscore, then the event', () => {
  for (const [name, member] of byType('PlatformEventChannelMember')) {
    const channel = textOf(member, 'eventChannel').replace('__', '_');
    expect(name).toBe(`${channel}_${textOf(member, 'selectedEntity')}`);
  }
});

test('the enriched channel is the one that the sandbox has', () => {
  const members = [...byType('PlatformEventChannelMember').values()].filter(
    (member) => textOf(member, 'eventChannel') === 'Order_Enriched__chn',
  );
  const deployed = members.map((member) => ({
    object: textOf(member, 'selectedEntity').replace(/ChangeEvent$/, ''),
    enriched: list(member, 'enrichedFields')
      .map((field) => textOf(field, 'name'))
      .sort(),
  }));
  const emulated = sandboxSchema.channels.Order_Enriched__chn.members.map(({ object, enriched }) => ({
    object,
    enriched: [...enriched].sort(),
  }));
  expect(deployed).toEqual(emulated);
});

describe('the flow of dual mode', () => {
  const flow = byType('Flow').get('Order_Fulfilment_Request_on_Approval')!;
  const start = flow['start'] as Component['content'];
  const publish = flow['recordCreates'] as Component['content'];

  test('runs when the status becomes one of the default provision statuses, on new orders too', () => {
    const formula = textOf(start, 'filterFormula');
    const statuses = [...formula.matchAll(/ISPICKVAL\(\{!\$Record\.Status\}, "([^"]+)"\)/g)].map(
      ([, status]) => status,
    );
    expect(statuses.join(',')).toBe(POLICY.PROVISION_STATUSES.fallback);
    expect(formula).toContain('OR(ISNEW(), ISCHANGED({!$Record.Status}))');
    expect(textOf(start, 'recordTriggerType')).toBe('CreateAndUpdate');
    expect(textOf(start, 'triggerType')).toBe('RecordAfterSave');
    expect(textOf(start, 'object')).toBe('Order');
  });

  test('publishes the event with all its fields, after its connector', () => {
    expect(textOf(publish, 'object')).toBe(EVENT);
    expect(textOf(start['connector'] as Component['content'], 'targetReference')).toBe(textOf(publish, 'name'));
    const set = list(publish, 'inputAssignments').map((one) => `${EVENT}.${textOf(one, 'field')}`);
    expect(set.sort()).toEqual([...customFields.keys()].filter((name) => name.startsWith(EVENT)).sort());
  });
});

test('the external client app has client credentials on twice: the flow itself in its settings, and its user in its policy', () => {
  const app = new Map(componentsBelow('app-templates/external-client-app').map((c) => [c.type, c.content]));
  for (const type of ['ExtlClntAppGlobalOauthSettings', 'ExtlClntAppOauthConfigurablePolicies']) {
    expect([type, textOf(app.get(type), 'isClientCredentialsFlowEnabled')]).toEqual([type, 'true']);
  }
  expect(textOf(app.get('ExtlClntAppOauthConfigurablePolicies'), 'clientCredentialsFlowUser')).toMatch(
    /^REPLACE_WITH_/,
  );
});

test('the project speaks the API version of the product', () => {
  const project = JSON.parse(readFileSync(join(PROJECT, 'sfdx-project.json'), 'utf8')) as { sourceApiVersion: string };
  expect(project.sourceApiVersion).toBe(DEFAULT_API_VERSION);
});
