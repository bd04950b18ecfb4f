import fc from 'fast-check';
import { MovableClock } from '../../../sandbox/salesforce/clock';
import { toBitmaps } from '../../../sandbox/salesforce/events/bitmap';
import { changeEventsOf, type ChangeEvent } from '../../../sandbox/salesforce/events/change-event';
import { EventBus } from '../../../sandbox/salesforce/events/bus';
import { fromReplayId, toReplayId } from '../../../sandbox/salesforce/events/replay-id';
import { RETENTION_MS } from '../../../sandbox/salesforce/events/topic';
import { loadSchema } from '../../../sandbox/salesforce/schema/schema';
import { seedAccounts, seedCatalog, seedDraftOrder } from '../../../sandbox/salesforce/seed';
import { MemoryStore } from '../../../sandbox/salesforce/store/store';
import type { Transaction, TransactionMeta } from '../../../sandbox/salesforce/store/types';

const by: TransactionMeta = { userId: '005000000000001AAA' };
const schema = loadSchema();

function org() {
  const clock = new MovableClock();
  clock.freeze(Date.parse('2026-03-01T10:00:00.250Z'));
  const store = new MemoryStore({ schema, clock });
  const catalog = seedCatalog(store, by);
  const accountIds = seedAccounts(store, by, 3);
  const orders = accountIds.map((accountId) => seedDraftOrder(store, by, catalog, { accountId }));
  const events: ChangeEvent[] = [];
  store.onCommit((commit) => events.push(...changeEventsOf(schema, commit)));
  const write = (work: (tx: Transaction) => void, meta = by) => store.transaction(meta, work);
  return { clock, store, catalog, accountIds, orders, orderIds: orders.map(({ orderId }) => orderId), events, write };
}

describe('change events of a commit', () => {
  it('an update lists what changed, with LastModifiedDate, and carries nothing else', () => {
    const { events, write, orderIds } = org();
    write((tx) => tx.update('Order', orderIds[0]!, { Status: 'Approved', Type: null }));
    expect(events).toMatchObject([
      {
        object: 'Order',
        changeType: 'UPDATE',
        recordIds: [orderIds[0]],
        changedFields: ['Status', 'Type', 'LastModifiedDate'],
        nulledFields: ['Type'],
        values: { Status: 'Approved', LastModifiedDate: '2026-03-01T10:00:00.000+0000' },
        commitUser: by.userId,
        changeOrigin: 'com/salesforce/api/rest/62.0;client=',
        sequenceNumber: 1,
      },
    ]);
    expect(Object.keys(events[0]!.values)).toEqual(['Status', 'LastModifiedDate']);
  });

  it('another user is among the changes', () => {
    const { events, write, orderIds } = org();
    write((tx) => tx.update('Order', orderIds[0]!, { Status: 'Approved' }), {
      userId: '005000000000009AAA',
      clientName: 'our-app',
      apiVersion: '61.0',
    });
    expect(events[0]).toMatchObject({
      changedFields: ['Status', 'LastModifiedDate', 'LastModifiedById'],
      changeOrigin: 'com/salesforce/api/rest/61.0;client=our-app',
      commitUser: '005000000000009AAA',
    });
  });

  it('an update of an item does not say of which order', () => {
    const { events, write, orders } = org();
    write((tx) => tx.update('OrderItem', orders[0]!.itemIds[0]!, { Quantity: 4 }));
    expect(events.map(({ object, changedFields }) => [object, changedFields])).toEqual([
      ['OrderItem', ['Quantity', 'LastModifiedDate']],
    ]);
  });

  it('the same change to many records is one event, another is not', () => {
    const { events, write, orderIds } = org();
    write((tx) => {
      for (const id of orderIds) tx.update('Order', id, { Status: 'Approved' });
      tx.update('Order', orderIds[2]!, { PoNumber: '9' });
    });
    expect(events.map(({ recordIds, sequenceNumber }) => [recordIds, sequenceNumber])).toEqual([
      [[orderIds[0], orderIds[1]], 1],
      [[orderIds[2]], 2],
    ]);
    expect(new Set(events.map(({ transactionKey }) => transactionKey)).size).toBe(1);
  });

  it('several writes in one transaction give one event with the final value', () => {
    const { events, write, orderIds } = org();
    write((tx) => {
      tx.update('Order', orderIds[0]!, { Status: 'Approved' });
      tx.update('Order', orderIds[0]!, { Status: 'Cancelled' });
      tx.update('Order', orderIds[0]!, { PoNumber: '1' });
      tx.update('Order', orderIds[0]!, { PoNumber: null });
    });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      values: { Status: 'Cancelled' },
      changedFields: expect.not.arrayContaining(['PoNumber']) as unknown,
    });
  });

  it('a create has no changedFields and no null', () => {
    const { events, write, accountIds } = org();
    write((tx) => tx.create('Order', { AccountId: accountIds[0], EffectiveDate: '2026-01-01', Status: 'Approved' }));
    expect(events[0]).toMatchObject({
      changeType: 'CREATE',
      changedFields: [],
      nulledFields: [],
      values: { Status: 'Approved' },
    });
    expect(Object.values(events[0]!.values)).not.toContain(null);
    expect(Object.keys(events[0]!.values)).not.toEqual(expect.arrayContaining(['Id']));
    expect(Object.keys(events[0]!.values)).toEqual(expect.arrayContaining(['CreatedDate', 'OwnerId', 'OrderNumber']));
  });

  it('a new price book entry lacks the audit fields, a changed one does not', () => {
    const { events, write, catalog } = org();
    const id = catalog.products[0]!.pricebookEntryId;
    write((tx) =>
      tx.create('PricebookEntry', {
        Pricebook2Id: catalog.pricebookId,
        Product2Id: catalog.products[1]!.id,
        UnitPrice: 5,
      }),
    );
    write((tx) => tx.update('PricebookEntry', id, { UnitPrice: 6 }));
    expect(Object.keys(events[0]!.values)).toEqual([
      'Pricebook2Id',
      'Product2Id',
      'UnitPrice',
      'IsActive',
      'UseStandardPrice',
    ]);
    expect(events[1]!.changedFields).toEqual(['UnitPrice', 'LastModifiedDate']);
  });

  it('a delete has ids alone; an undelete has whole records', () => {
    const { events, write, orders } = org();
    write((tx) => tx.delete('Order', orders[0]!.orderId));
    write((tx) => tx.undelete('Order', orders[0]!.orderId));
    expect(events.map(({ object, changeType }) => `${object} ${changeType}`)).toEqual([
      'Order DELETE',
      'OrderItem DELETE',
      'Order UNDELETE',
      'OrderItem UNDELETE',
    ]);
    expect(events[0]!.values).toEqual({});
    expect(events[2]).toMatchObject({ changedFields: [], values: { Status: 'Draft', OrderNumber: '00000100' } });
  });

  it('an object that is not selected makes none', () => {
    const { events, write } = org();
    write((tx) => tx.create('Pricebook2', { Name: 'quiet' }));
    expect(events).toEqual([]);
  });
});

describe('bitmaps', () => {
  const fields = Array.from({ length: 70 }, (_, i) => ({
    name: `F${i}`,
    components: i % 7 === 3 ? ['A', 'B', 'C'] : [],
  }));

  it('set a bit for each position, in an even number of upper-case digits', () => {
    expect(toBitmaps(fields, ['F0'])).toEqual(['0x01']);
    expect(toBitmaps(fields, ['F7', 'F13'])).toEqual(['0x2080']); // as in pub-sub-api-node-client issue 27
    expect(toBitmaps(fields, ['F69', 'F3.B', 'F10.A', 'F10.C'])).toEqual([
      `0x20${'0'.repeat(16)}`,
      '3-0x02',
      '10-0x05',
    ]);
    expect(toBitmaps(fields, [])).toEqual([]);
  });

  it('can be read back, whatever is set', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 69 }), { minLength: 1 }), (positions) => {
        const [bitmap] = toBitmaps(
          fields,
          positions.map((position) => `F${position}`),
        );
        const bits = BigInt(bitmap!);
        const read = fields.flatMap((_, i) => ((bits >> BigInt(i)) & 1n ? [i] : []));
        expect(read).toEqual([...positions].sort((a, b) => a - b));
      }),
    );
  });

  it('refuse a name that is not there', () => {
    expect(() => toBitmaps(fields, ['Nope'])).toThrow('Nope');
    expect(() => toBitmaps(fields, ['F3.Z'])).toThrow('F3.Z');
  });
});

describe('the bus', () => {
  function bus(firstPosition?: bigint) {
    const parts = org();
    const events = new EventBus({
      schema,
      clock: parts.clock,
      ...(firstPosition === undefined ? {} : { firstPosition }),
    });
    parts.store.onCommit((commit) => events.commit(commit));
    return { ...parts, bus: events, log: (name: string) => events.topics.get(name)!.log };
  }

  it('puts a change on each topic that carries it, with replay ids that are not contiguous', () => {
    const { write, orderIds, log } = bus();
    for (const Status of ['Approved', 'Cancelled', 'Draft'])
      write((tx) => tx.update('Order', orderIds[0]!, { Status }));
    const positions = log('/data/OrderChangeEvent')
      .retained()
      .map(({ position }) => position);
    expect(positions).toHaveLength(3);
    expect(positions[2]! - positions[0]!).toBeGreaterThan(2n);
    expect(log('/data/ChangeEvents').retained()).toHaveLength(3);
    expect(log('/data/Order_Enriched__chn').retained()).toHaveLength(3);
    expect(log('/data/AccountChangeEvent').retained()).toHaveLength(0);
    const all = [
      ...positions,
      ...log('/data/ChangeEvents')
        .retained()
        .map(({ position }) => position),
    ];
    expect(new Set(all).size).toBe(6);
  });

  it('knows replay ids of its own topic within retention, and no other', () => {
    const { write, orderIds, log, clock } = bus();
    const orders = log('/data/OrderChangeEvent');
    const start = orders.tip;
    write((tx) => tx.update('Order', orderIds[0]!, { Status: 'Approved' }));
    const position = orders.tip;
    expect(orders.knows(position)).toBe(true);
    expect(orders.knows(start)).toBe(true);
    expect(orders.knows(position + 1n)).toBe(false);
    expect(orders.knows(log('/data/ChangeEvents').tip)).toBe(false);
    clock.advance(RETENTION_MS);
    expect(orders.knows(position)).toBe(true);
    clock.advance(1);
    expect(orders.knows(position)).toBe(false);
    expect(orders.knows(start)).toBe(false);
    expect(orders.retained()).toHaveLength(0);
    expect(orders.knows(orders.refreshedTip())).toBe(true);
  });

  it('forgets all of it at once where it is told to, and goes on', () => {
    const { write, orderIds, log } = bus();
    const orders = log('/data/OrderChangeEvent');
    write((tx) => tx.update('Order', orderIds[0]!, { Status: 'Approved' }));
    const before = orders.tip;
    orders.forget();
    expect([orders.knows(before), orders.knows(orders.tip), orders.retained()]).toEqual([false, true, []]);
    const { beginning } = orders;
    write((tx) => tx.update('Order', orderIds[0]!, { Status: 'Cancelled' }));
    expect(orders.after(beginning, 10)).toHaveLength(1);
  });

  it('carries replay ids above 2^53', () => {
    const first = 2n ** 60n;
    const { write, orderIds, log } = bus(first);
    write((tx) => tx.update('Order', orderIds[0]!, { Status: 'Approved' }));
    const { position } = log('/data/OrderChangeEvent').retained()[0]!;
    expect(position).toBeGreaterThan(first);
    expect(fromReplayId(toReplayId(position))).toBe(position);
    expect(fromReplayId(toReplayId(position).subarray(0, 8))).toBe(position);
    expect(fromReplayId(Buffer.from('short'))).toBeUndefined();
  });
});
