import type { SalesforceEmulator } from '../sandbox/salesforce';
import type { Commit, Store } from '../sandbox/salesforce/store/types';
import { held, pathOf, type Thing } from './shown';
import { TOPICS } from './topics';

interface Version {
  text: string;
  /** The events that told of it. */
  events: readonly { topic: string; position: bigint }[];
  /**
   * Those that must be due before this one can be. What an item's event tells is of a list that has its order: as long as nobody need
   * know that the order has come, the list without it may be shown.
   */
  after: readonly Version[];
  /** Monotonic ms from which on no older version may be shown; undefined as long as nobody can know of this one. */
  due: number | undefined;
}

const TOPIC_OF = new Map<string, string>(Object.entries(TOPICS));

/**
 * Every version that Salesforce ever held of what the portal shows, and from when on each had to be shown: from the moment at
 * which the checkpoint of its event's topic was seen to have passed the event. A checkpoint passes an event when its effects are durable, and
 * one of them is that no reader gets an older version any more.
 */
export class Truth {
  private readonly versions = new Map<string, Version[]>();
  /** Where the events stand that were made in this turn of the event loop, and belong to no version yet. */
  private readonly fresh = new Map<string, bigint>();

  constructor({ store, events }: Pick<SalesforceEmulator, 'store' | 'events'>) {
    for (const topic of TOPIC_OF.values()) {
      const log = events.topics.get(topic)?.log;
      log?.onAppend(() => {
        this.fresh.set(topic, log.tip);
        // One that no commit made (a gap, an overflow) must not pass for the event of the next commit.
        queueMicrotask(() => this.fresh.delete(topic));
      });
    }
    // The event bus has listened from the start: the events of a commit are there.
    store.onCommit((commit) => this.note(store, commit));
  }

  /** The checkpoint of the topic was seen at this position just now. */
  passed(topic: string, position: bigint): void {
    const now = performance.now();
    for (const version of [...this.versions.values()].flat()) {
      const isTold = version.events.some((event) => event.topic === topic && event.position <= position);
      if (isTold && version.after.every(({ due }) => due !== undefined)) version.due ??= now;
    }
  }

  /** Whether an answer shows what could no longer be shown when it was asked for, at a monotonic time in ms. */
  isStale(thing: Thing, text: string, asked: number): boolean {
    const versions = this.versions.get(pathOf(thing)) ?? [];
    const oldest = versions.findLastIndex(({ due }) => due !== undefined && due < asked);
    return oldest >= 0 && !versions.slice(oldest).some((version) => version.text === text);
  }

  private note(store: Store, { changes }: Commit): void {
    const objects = new Set(changes.map(({ object }) => object));
    const events = [...objects].flatMap((object) => this.takeFresh(TOPIC_OF.get(object)));
    for (const { thing, by, orders } of shownOtherwise(store, changes)) {
      const versions = this.versions.get(pathOf(thing)) ?? [];
      this.versions.set(pathOf(thing), versions);
      const text = held(store, thing);
      const telling = events.filter(({ topic }) => by.has(topic));
      const after = [...orders].flatMap((id) => versions.find((version) => version.text.includes(id)) ?? []);
      if (versions.at(-1)?.text !== text) versions.push({ text, events: telling, after, due: undefined });
    }
  }

  private takeFresh(topic = ''): { topic: string; position: bigint }[] {
    const position = this.fresh.get(topic);
    this.fresh.delete(topic);
    return position === undefined ? [] : [{ topic, position }];
  }
}

interface Shown {
  thing: Thing;
  /** The topics of which each one tells it. */
  by: Set<string>;
  /** Of a list of which only items changed: the orders that have them. */
  orders: Set<string>;
}

/** What the portal shows otherwise after these changes. */
function shownOtherwise(store: Store, changes: Commit['changes']): Shown[] {
  const found = new Map<string, Shown>();
  const add = (thing: Thing, topic: string, order?: string): void => {
    const shown = found.get(pathOf(thing)) ?? { thing, by: new Set(), orders: new Set() };
    found.set(pathOf(thing), shown);
    shown.by.add(topic);
    if (order !== undefined) shown.orders.add(order);
  };
  for (const { object, after } of changes) {
    if (object === 'Product2' || object === 'PricebookEntry') add('catalog', TOPICS[object]);
    if (object !== 'Order') continue;
    add({ order: after.Id }, TOPICS.Order);
    add({ listOf: String(after['AccountId']) }, TOPICS.Order);
  }
  for (const { object, after } of changes) {
    const order = object === 'OrderItem' ? store.get('Order', String(after['OrderId'])) : undefined;
    if (order === undefined) continue;
    const list: Thing = { listOf: String(order['AccountId']) };
    add({ order: order.Id }, TOPICS.OrderItem);
    // That an order has come to the list only the event of the order tells: an item names its order, and not the account.
    if (found.get(pathOf(list))?.by.has(TOPICS.Order) !== true) add(list, TOPICS.OrderItem, order.Id);
  }
  return [...found.values()];
}
