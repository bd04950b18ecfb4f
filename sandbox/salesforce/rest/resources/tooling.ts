import type { ApiDeps } from '../api';
import type { SoqlField, SoqlKind, SoqlObject, SoqlRow, SoqlSource } from '../soql/source';
import { widenId } from '../../store/ids';

/** Objects of the Tooling API that tell how an org streams events: enough to check an installation. */
const OBJECTS: Record<string, Record<string, SoqlKind>> = {
  ManagedEventSubscription: {
    Id: 'id',
    DeveloperName: 'text',
    MasterLabel: 'text',
    FullName: 'text',
    Metadata: 'opaque',
  },
  PlatformEventChannel: {
    Id: 'id',
    DeveloperName: 'text',
    NamespacePrefix: 'text',
    MasterLabel: 'text',
    ChannelType: 'text',
    FullName: 'text',
  },
  PlatformEventChannelMember: {
    Id: 'id',
    DeveloperName: 'text',
    EventChannel: 'text',
    SelectedEntity: 'text',
    FullName: 'text',
    Metadata: 'opaque',
  },
  FlowDefinition: { Id: 'id', DeveloperName: 'text', ActiveVersionId: 'id', LatestVersionId: 'id' },
  EntityDefinition: {
    DurableId: 'text',
    QualifiedApiName: 'text',
    DeveloperName: 'text',
    Label: 'text',
    KeyPrefix: 'text',
    IsCustomSetting: 'boolean',
    IsQueryable: 'boolean',
  },
};

/** A stable id for a thing that has only a name. */
function idOf(prefix: string, index: number): string {
  return widenId(`${prefix}Qy0${String(index + 1).padStart(9, '0')}`);
}

const channelId = (index: number): string => idOf('0YL', index);

/** The standard channel by its name, since it has no record; a custom one by its id (CDC guide, "Get Custom Channels and Channel Members"). */
function channelReference({ store: { schema } }: ApiDeps, channel: string): string {
  const index = schema.channels.findIndex(({ name }) => name === channel);
  return index < 0 ? channel : channelId(index);
}

const changeEvent = (object: string) => object.replace(/__c$/, '__') + 'ChangeEvent';

function rowsOf(deps: ApiDeps, object: string): SoqlRow[] {
  const { schema } = deps.store;
  switch (object) {
    case 'ManagedEventSubscription':
      return deps.managedSubscriptions().map(({ id, developerName, ...metadata }) => ({
        Id: id,
        DeveloperName: developerName,
        MasterLabel: metadata.label,
        FullName: developerName,
        Metadata: metadata,
      }));
    case 'PlatformEventChannel':
      return schema.channels.map(({ name }, i) => ({
        Id: channelId(i),
        NamespacePrefix: null,
        DeveloperName: name.replace(/__chn$/, ''),
        MasterLabel: name,
        ChannelType: 'data',
        FullName: name,
      }));
    case 'PlatformEventChannelMember':
      return channelMembers(deps).map(({ channel, entity, enriched }, i) => ({
        Id: idOf('0v8', i),
        DeveloperName: `${channel.replace(/__chn$/, '_chn')}_${entity}`,
        EventChannel: channelReference(deps, channel),
        SelectedEntity: entity,
        FullName: `${channel.replace(/__chn$/, '_chn')}_${entity}`,
        Metadata: { eventChannel: channel, selectedEntity: entity, enrichedFields: enriched.map((name) => ({ name })) },
      }));
    case 'FlowDefinition':
      return [...deps.flows].map(([name, active], i) => ({
        Id: idOf('300', i),
        DeveloperName: name,
        ActiveVersionId: active ? idOf('301', i) : null,
        LatestVersionId: idOf('301', i),
      }));
    default:
      return schema.objects.map(({ name, label, keyPrefix }) => ({
        DurableId: name,
        QualifiedApiName: name,
        DeveloperName: name.replace(/__c$/, ''),
        Label: label ?? name,
        KeyPrefix: keyPrefix,
        IsCustomSetting: false,
        IsQueryable: true,
      }));
  }
}

/** Which objects have change data capture, on the standard channel `ChangeEvents` and on custom ones. */
function channelMembers({ store: { schema } }: ApiDeps): { channel: string; entity: string; enriched: string[] }[] {
  const standard = schema.objects
    .filter((type) => type.cdc)
    .map((type) => ({ channel: 'ChangeEvents', entity: changeEvent(type.name), enriched: [] as string[] }));
  const custom = schema.channels.flatMap(({ name, members }) =>
    members.map(({ object, enriched }) => ({ channel: name, entity: changeEvent(object), enriched })),
  );
  return [...standard, ...custom];
}

/** The Tooling API's data for SOQL. */
export function toolingSource(deps: ApiDeps): SoqlSource {
  const known = new Map(
    Object.entries(OBJECTS).map(([name, kinds]) => [name.toLowerCase(), toolingObject(name, kinds)]),
  );
  return {
    object: (name) => known.get(name.toLowerCase()),
    rows: (object) => rowsOf(deps, object),
    row: (object, id) => rowsOf(deps, object).find((row) => row['Id'] === id),
    now: () => deps.clock.now(),
  };
}

function toolingObject(name: string, kinds: Record<string, SoqlKind>): SoqlObject {
  const fields = Object.entries(kinds).map(([fieldName, kind]): SoqlField => ({
    name: fieldName,
    kind,
    relationshipName: undefined,
    referenceTo: undefined,
    filterable: kind !== 'opaque',
    components: undefined,
  }));
  const byName = new Map(fields.map((field) => [field.name.toLowerCase(), field]));
  return { name, fields, field: (wanted) => byName.get(wanted.toLowerCase()), child: () => undefined };
}
