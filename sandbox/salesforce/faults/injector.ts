import { createHash, randomUUID } from 'node:crypto';
import { Type, type Schema } from 'avsc';
import type { Clock } from '../clock';
import { CHANGE_TYPES, type ChangeEvent, type EventChangeType } from '../events/change-event';
import { changeEventRecord } from '../events/encode';
import type { EventBus, Topic } from '../events/bus';
import type { StoredEvent } from '../events/topic';
import type { SalesforceSchema } from '../schema/schema';
import { DEFAULT_API_VERSION, type FieldValue } from '../store/types';

export type GapType = Extract<EventChangeType, `GAP_${'CREATE' | 'UPDATE' | 'DELETE' | 'UNDELETE'}`>;

/** The dummy record id of an overflow event (Change Data Capture Developer Guide, "Overflow Events"). */
export const OVERFLOW_RECORD_ID = '000000000000000AAA';

/** A change event put together by hand; what is left out is made up. */
export interface HandmadeChange {
  object: string;
  /** Also one that Salesforce does not have: the event then comes with a schema of its own. */
  changeType: string;
  recordIds: string[];
  values?: Readonly<Record<string, FieldValue>>;
  changedFields?: string[];
  nulledFields?: string[];
  changeOrigin?: string;
  commitTimestamp?: number;
}

/** Events that no write would make: gaps, overflows, wildcards, and events that are broken. */
export class EventInjector {
  constructor(
    private readonly bus: EventBus,
    private readonly schema: SalesforceSchema,
    private readonly clock: Clock,
  ) {}

  /** A gap event: record ids and no fields (Change Data Capture Developer Guide, "Gap Events"). */
  gap(object: string, changeType: GapType, recordIds: string[]): void {
    this.bus.publishChange(this.#event({ object, changeType, recordIds, changeOrigin: '' }));
  }

  /** More than 100,000 changes in one transaction: the rest of them is one event with a dummy id. */
  overflow(object: string): void {
    this.gap(object, 'GAP_OVERFLOW' as GapType, [OVERFLOW_RECORD_ID]);
  }

  /** A change to all records of an object, told with a wildcard id (`801*`). */
  wildcard(object: string, changedFields: string[] = []): void {
    const prefix = this.schema.object(object)?.keyPrefix;
    if (prefix === undefined) throw new Error(`${object} is not an object of the schema`);
    this.bus.publishChange(this.#event({ object, changeType: 'UPDATE', recordIds: [`${prefix}*`], changedFields }));
  }

  /** Every event that was kept is dropped, on all topics: the replay ids that anybody has are known no more. */
  dropAll(): void {
    for (const { log } of this.bus.topics.values()) log.forget();
  }

  /** A change event made by hand, on every topic of its object. Empty or hostile record ids are sent as they are. */
  change(change: HandmadeChange): void {
    if (isKnown(change.changeType)) this.bus.publishChange(this.#event(change));
    else this.#unknownChangeType(change);
  }

  /**
   * Decoded JSON of any shape, encoded by the topic's schema, or by `avroSchema` when given.
   * Unions must be wrapped (`{"string": "x"}`).
   * @throws Error when there is no such topic, or the value does not fit the schema
   */
  raw(topic: string, value: unknown, avroSchema?: object): StoredEvent {
    const known = avroSchema ? undefined : this.#schemaOfTopic(topic);
    const type = known?.type ?? Type.forSchema(avroSchema as Schema, { wrapUnions: true });
    return this.bus.appendRaw(topic, {
      schemaId: known?.id ?? this.#registerVariant(avroSchema as object, type),
      payload: type.toBuffer(value),
    });
  }

  /** The event, cut off in the middle of its Avro record. */
  truncated(topic: string, recordIds: string[] = ['801000000000001AAA']): StoredEvent {
    const { id, payload } = this.#sample(topic, recordIds);
    return this.bus.appendRaw(topic, { schemaId: id, payload: payload.subarray(0, Math.floor(payload.length / 2)) });
  }

  /** A sound payload under a schema id that GetSchema does not know. */
  unknownSchema(topic: string, recordIds: string[] = ['801000000000001AAA']): StoredEvent {
    const { payload } = this.#sample(topic, recordIds);
    return this.bus.appendRaw(topic, { schemaId: createHash('md5').update(randomUUID()).digest('base64url'), payload });
  }

  /** An event of a schema without ChangeEventHeader. */
  withoutHeader(topic: string): StoredEvent {
    const schema = {
      type: 'record',
      name: 'HeadlessChangeEvent',
      namespace: 'com.sforce.eventbus',
      fields: [{ name: 'Status', type: ['null', 'string'], default: null }],
    };
    return this.raw(topic, { Status: { string: 'Approved' } }, schema);
  }

  /** A change event with an empty list of record ids. */
  withoutRecordIds(object: string): void {
    this.change({ object, changeType: 'UPDATE', recordIds: [] });
  }

  #event(change: HandmadeChange): ChangeEvent {
    const now = change.commitTimestamp ?? this.clock.now();
    return {
      object: this.schema.object(change.object)?.name ?? change.object,
      changeType: change.changeType as EventChangeType,
      recordIds: change.recordIds,
      changeOrigin: change.changeOrigin ?? `com/salesforce/api/rest/${DEFAULT_API_VERSION};client=`,
      transactionKey: randomUUID(),
      sequenceNumber: 1,
      commitTimestamp: now,
      commitNumber: BigInt(now) * 1_000_000n,
      commitUser: '005000000000000AAA',
      changedFields: change.changedFields ?? [],
      nulledFields: change.nulledFields ?? [],
      diffFields: [],
      values: change.values ?? {},
      rows: [],
    };
  }

  #unknownChangeType(change: HandmadeChange): void {
    const type = this.schema.object(change.object);
    const schema = type && this.bus.schemaOf(type.name);
    if (!schema) throw new Error(`${change.object} is not selected for change data capture`);
    const symbols = JSON.stringify(CHANGE_TYPES);
    const variant = JSON.parse(
      schema.json.replace(symbols, JSON.stringify([...CHANGE_TYPES, change.changeType])),
    ) as object;
    const record = changeEventRecord(type, schema, this.#event(change));
    // The variant is read without the bigint longs of the standard schemas, so the number is cut to what it can hold.
    const header = record['ChangeEventHeader'] as Record<string, unknown>;
    header['commitNumber'] = this.clock.now();
    for (const topic of this.bus.topics.values()) {
      if (topic.kind === 'change' && topic.object.name === type.name) this.raw(topic.name, record, variant);
    }
  }

  #schemaOfTopic(name: string) {
    const topic = this.#topic(name);
    const schema = this.bus.schemaById(this.bus.schemaIdOf(topic));
    if (!schema) throw new Error(`${name} has no schema of its own: name one`);
    return schema;
  }

  #topic(name: string): Topic {
    const topic = this.bus.topics.get(name);
    if (!topic) throw new Error(`There is no topic ${name}`);
    return topic;
  }

  #registerVariant(json: object, type: Type): string {
    const text = JSON.stringify(json);
    const id = createHash('md5').update(text).digest('base64url');
    this.bus.register({ id, json: text, type, fields: [] });
    return id;
  }

  /** A sound event of a topic: what is broken is broken afterwards. */
  #sample(topicName: string, recordIds: string[]): { id: string; payload: Buffer } {
    const topic = this.#topic(topicName);
    const schema = this.#schemaOfTopic(topicName);
    if (topic.kind === 'platform-event') {
      const fields = Object.fromEntries(topic.event.fields.map((field) => [field.name, null]));
      const payload = schema.type.toBuffer({
        CreatedDate: this.clock.now(),
        CreatedById: '005000000000000AAA',
        ...fields,
      });
      return { id: schema.id, payload };
    }
    const object =
      topic.kind === 'change' ? topic.object.name : topic.kind === 'channel' ? topic.channel.members[0]!.object : '';
    const type = this.schema.object(object)!;
    const event = this.#event({ object, changeType: 'UPDATE', recordIds });
    return { id: schema.id, payload: schema.type.toBuffer(changeEventRecord(type, schema, event)) };
  }
}

function isKnown(changeType: string): changeType is EventChangeType {
  return (CHANGE_TYPES as readonly string[]).includes(changeType);
}
