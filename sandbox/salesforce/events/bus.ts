import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import type { Channel, PlatformEvent, SalesforceSchema, SObjectType } from '../schema/schema';
import { SalesforceError } from '../store/errors';
import type { Commit, FieldInput, FieldValue, Row } from '../store/types';
import { toStored } from '../store/values';
import { changeEventName, changeEventSchema, platformEventSchema, type EventSchema } from './avro';
import { changeEventsOf, type ChangeEvent } from './change-event';
import { changeEventRecord, encodePlatformEvent } from './encode';
import { TopicLog, type StoredEvent } from './topic';

/** What a topic carries. Topics of several objects have no schema of their own: each event names its own. */
export type TopicKind =
  | { kind: 'change'; object: SObjectType }
  | { kind: 'all-changes' }
  | { kind: 'channel'; channel: Channel }
  | { kind: 'platform-event'; event: PlatformEvent };

export type Topic = TopicKind & { name: string; log: TopicLog };

export interface EventBusOptions {
  schema: SalesforceSchema;
  clock: Clock;
  /** The record as it is now, deleted ones too: enriched values are read when an event is delivered. */
  currentRow?: (object: string, id: string) => Row | undefined;
  /** Position of the first event. Give a value above 2^53 to see what a client does that reads replay ids as numbers. */
  firstPosition?: bigint;
}

/** The event bus: turns commits into events on every topic that carries them, and keeps them for 72 hours. */
export class EventBus {
  readonly topics: ReadonlyMap<string, Topic>;
  readonly #schema: SalesforceSchema;
  readonly #clock: Clock;
  readonly #currentRow: NonNullable<EventBusOptions['currentRow']>;
  readonly #schemas = new Map<string, EventSchema>();
  readonly #schemaOf = new Map<string, EventSchema>();
  #position: bigint;

  constructor({ schema, clock, currentRow, firstPosition = 487_259n }: EventBusOptions) {
    this.#currentRow = currentRow ?? (() => undefined);
    this.#schema = schema;
    this.#clock = clock;
    this.#position = firstPosition;
    const topics = new Map<string, Topic>();
    const add = (name: string, kind: TopicKind): void => {
      topics.set(name, { ...kind, name, log: new TopicLog(name, clock, () => this.#nextPosition()) });
    };
    for (const object of schema.objects.filter((candidate) => candidate.cdc)) {
      this.#register(object.name, changeEventSchema(object));
      add(`/data/${changeEventName(object.name)}`, { kind: 'change', object });
    }
    add('/data/ChangeEvents', { kind: 'all-changes' });
    for (const channel of schema.channels) add(`/data/${channel.name}`, { kind: 'channel', channel });
    for (const event of schema.events) {
      this.#register(event.name, platformEventSchema(event));
      add(`/event/${event.name}`, { kind: 'platform-event', event });
    }
    this.topics = topics;
  }

  /** The schema with this id, when any event was ever made with it. */
  schemaById(id: string): EventSchema | undefined {
    return this.#schemas.get(id);
  }

  /** The schema of an object's change events, or of a platform event, by API name. */
  schemaOf(name: string): EventSchema | undefined {
    return this.#schemaOf.get(name);
  }

  /** The schema id that GetTopic gives for a topic; empty for topics of several objects (forcedotcom/pub-sub-api issue 63). */
  schemaIdOf(topic: Topic): string {
    const name = this.#soleSource(topic);
    return name === undefined ? '' : (this.#schemaOf.get(name)?.id ?? '');
  }

  /** Makes the events of a commit; to be called for every commit of the store. */
  commit(commit: Commit): void {
    for (const event of changeEventsOf(this.#schema, commit)) this.publishChange(event);
  }

  /** Puts a change event on every topic that carries its object. */
  publishChange(event: ChangeEvent): void {
    const type = this.#schema.object(event.object);
    const schema = this.#schemaOf.get(type?.name ?? '');
    if (!type || !schema) throw new Error(`${event.object} is not selected for change data capture`);
    // Most topics carry the event as it is: one payload serves them all.
    let plain: Buffer | undefined;
    for (const topic of this.topics.values()) {
      for (const { part, enriched: names } of partsFor(topic, event)) {
        const payloadWith = (row: Row | undefined): Buffer => {
          const extra = Object.fromEntries(names.map((name) => [name, row?.[name] ?? null]));
          return schema.type.toBuffer(changeEventRecord(type, schema, part, { ...extra, ...part.values }));
        };
        const payload =
          part === event && names.length === 0 ? (plain ??= payloadWith(undefined)) : payloadWith(part.rows[0]);
        const payloadNow = (): Buffer =>
          payloadWith(this.#currentRow(type.name, part.recordIds[0] ?? '') ?? part.rows[0]);
        topic.log.append({ id: randomUUID(), schemaId: schema.id, payload, ...(names.length > 0 && { payloadNow }) });
      }
    }
  }

  /**
   * Publishes a platform event as REST or Apex does.
   * @returns the UUID of the event
   * @throws SalesforceError for an unknown event or field, a missing required field, a wrong value
   */
  publishPlatformEvent(name: string, input: FieldInput, createdBy: string): { id: string } {
    const topic = this.topics.get(`/event/${this.#schema.event(name)?.name ?? name}`);
    if (topic?.kind !== 'platform-event') {
      throw new SalesforceError('INVALID_TYPE', `sObject type '${name}' is not supported.`);
    }
    const fields = checkedEventFields(topic.event, input);
    const schema = this.#schemaOf.get(topic.event.name)!;
    const payload = encodePlatformEvent(topic.event, schema, fields, { by: createdBy, at: this.#clock.now() });
    const id = randomUUID();
    topic.log.append({ id, schemaId: schema.id, payload });
    return { id };
  }

  /** Puts bytes on a topic as they are. @throws Error when there is no such topic. */
  appendRaw(topicName: string, event: { id?: string; schemaId: string; payload: Buffer }): StoredEvent {
    const topic = this.topics.get(topicName);
    if (!topic) throw new Error(`There is no topic ${topicName}; known are ${[...this.topics.keys()].join(', ')}`);
    return topic.log.append({ id: event.id ?? randomUUID(), schemaId: event.schemaId, payload: event.payload });
  }

  /** Makes GetSchema answer for one more schema. */
  register(schema: EventSchema): void {
    this.#schemas.set(schema.id, schema);
  }

  #register(name: string, schema: EventSchema): void {
    this.#schemas.set(schema.id, schema);
    this.#schemaOf.set(name, schema);
  }

  #soleSource(topic: Topic): string | undefined {
    switch (topic.kind) {
      case 'change':
        return topic.object.name;
      case 'platform-event':
        return topic.event.name;
      case 'channel':
        return topic.channel.members.length === 1 ? topic.channel.members[0]?.object : undefined;
      case 'all-changes':
        return undefined;
    }
  }

  /** One counter for the org with gaps, so that the replay ids of a topic are never contiguous. */
  #nextPosition(): bigint {
    this.#position += 1n + (this.#position % 3n);
    return this.#position;
  }
}

interface Part {
  part: ChangeEvent;
  /** Fields to be added, changed or not. */
  enriched: readonly string[];
}

/** The events that a topic gets for a change: none, the event itself, or what enrichment makes of it. */
function partsFor(topic: Topic, event: ChangeEvent): Part[] {
  const asItIs: Part[] = [{ part: event, enriched: [] }];
  switch (topic.kind) {
    case 'change':
      return topic.object.name === event.object ? asItIs : [];
    case 'all-changes':
      return asItIs;
    case 'platform-event':
      return [];
    case 'channel': {
      const member = topic.channel.members.find(({ object }) => object === event.object);
      if (!member) return [];
      // "Fields that you select for enrichment are included in change events for update and delete operations."
      const enrichable = event.changeType === 'UPDATE' || event.changeType === 'DELETE';
      return enrichable && member.enriched.length > 0 ? enrichedParts(event, member.enriched) : asItIs;
    }
  }
}

/**
 * An enriched channel adds the selected fields, with the values they have when the event is delivered; they stay out of
 * `changedFields` (Change Data Capture Developer Guide, "Enrich Change Events with Extra Fields" and "Event Enrichment
 * Considerations"). Records that differ in an enriched value cannot share a merged event.
 */
function enrichedParts(event: ChangeEvent, names: readonly string[]): Part[] {
  const groups = new Map<string, Row[]>();
  for (const row of event.rows) {
    const key = JSON.stringify(names.map((name) => row[name] ?? null));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  if (groups.size === 0) return [{ part: event, enriched: [] }];
  return [...groups.values()].map((rows) => ({
    part: { ...event, recordIds: rows.map((row) => row.Id), rows },
    // What was changed is told as changed, also to null.
    enriched: names.filter((name) => !event.changedFields.includes(name)),
  }));
}

function checkedEventFields(event: PlatformEvent, input: FieldInput): Record<string, FieldValue> {
  const fields: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(input)) {
    const field = event.fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    if (!field) throw new SalesforceError('INVALID_FIELD', `No such column '${name}' on sobject of type ${event.name}`);
    fields[field.name] = toStored(field, value);
  }
  const missing = event.fields.filter((field) => field.required && (fields[field.name] ?? null) === null);
  if (missing.length > 0) {
    const names = missing.map((field) => field.name);
    throw new SalesforceError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${names.join(', ')}]`, names);
  }
  return fields;
}
