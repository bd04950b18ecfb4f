import { eventually } from '../support/eventually';
import { Rig, type Client } from '../cache/support/rig';
import { accountId, itemId, orderId } from '../cache/support/truth';

/**
 * Promise 4: after an invalidation no reader gets the old value, even if a fill was in flight.
 * Each race: a reader has read the old value and is held; Salesforce changes; the event is acted upon; the reader goes on.
 */

let rig: Rig;
let reader: Client;
let other: Client;
beforeAll(async () => {
  rig = await Rig.start();
});
beforeEach(async () => {
  [reader, other] = [await rig.client(), await rig.client()];
});
afterEach(() => rig.reset());
afterAll(() => rig.stop());

const order = async (client: Client): Promise<string | undefined> =>
  (await client.orders.readOrder(orderId(1))).value?.status;
const list = async (client: Client, account = 1): Promise<(string | undefined)[]> =>
  (await client.orders.readAccountOrders(accountId(account))).value.map((view) => `${view.orderNumber} ${view.status}`);

/** Runs `change` while a read of the old value is held in flight; then lets it go and waits for its reader. */
async function race(read: (client: Client) => Promise<unknown>, change: () => Promise<void>): Promise<void> {
  rig.truth.gate.hold();
  const inFlight = read(reader);
  await eventually(() => {
    expect(rig.truth.gate.waiting).toBe(1);
  });
  await change();
  rig.truth.gate.open();
  await inFlight;
}

describe('a fill in flight when the invalidation comes', () => {
  beforeEach(() => {
    rig.truth.put(1, { status: 'Draft' });
  });

  it('does not put the old order back', async () => {
    await race(order, async () => {
      rig.truth.put(1, { status: 'Approved' });
      await other.orders.invalidateOrder(orderId(1));
    });
    expect(reader.tally.of('fill-revoked')).toBe(1);
    expect([await order(reader), await order(other)]).toEqual(['Approved', 'Approved']);
  });

  it('is not joined by a reader who comes after the invalidation', async () => {
    let late: Promise<string | undefined> | undefined;
    await race(order, async () => {
      rig.truth.put(1, { status: 'Approved' });
      await other.orders.invalidateOrder(orderId(1));
      late = order(reader);
      await eventually(() => {
        expect(rig.truth.gate.waiting).toBe(2);
      });
    });
    expect(await late).toBe('Approved');
  });

  it.each([
    ['an order without its account', () => other.orders.invalidateOrder(orderId(1))],
    ['an item only', () => other.orders.invalidateOrdersOfItems([itemId(1)])],
  ])('is not joined by a reader of its list who comes after an event that names %s', async (_named, tell) => {
    let late: Promise<(string | undefined)[]> | undefined;
    await race(list, async () => {
      rig.truth.put(1, { status: 'Approved' });
      await tell();
      late = list(reader);
      await eventually(() => {
        expect(reader.tally.of('wait')).toBe(1);
      });
    });
    expect(await late).toEqual(['1 Approved']);
  });

  it('does not put the old list back, though the event names no account', async () => {
    await race(list, async () => {
      rig.truth.put(1, { status: 'Approved' });
      await other.orders.invalidateOrder(orderId(1));
    });
    expect(await list(other)).toEqual(['1 Approved']);
  });

  it('does not put the old order back, though the event names an item only', async () => {
    await race(order, async () => {
      rig.truth.put(1, { status: 'Approved' });
      await other.orders.invalidateOrdersOfItems([itemId(1)]);
    });
    expect(await order(other)).toBe('Approved');
  });

  it('does not put the old list back, though the event names an item only', async () => {
    await race(list, async () => {
      rig.truth.put(1, { status: 'Approved' });
      await other.orders.invalidateOrdersOfItems([itemId(1)]);
    });
    expect(await list(other)).toEqual(['1 Approved']);
  });

  it('does not put back a list without the order that came to the account', async () => {
    rig.truth.put(2, { accountId: accountId(2) });
    await race(list, async () => {
      rig.truth.put(2, { accountId: accountId(1) });
      await other.orders.invalidateOrder(orderId(2), accountId(1));
    });
    expect(await list(other)).toEqual(['1 Draft', '2 Draft']);
  });

  it('does not put back anything after everything was invalidated', async () => {
    await race(order, async () => {
      rig.truth.put(1, { status: 'Approved' });
      await other.orders.invalidateAll();
    });
    await race(list, async () => {
      rig.truth.put(1, { status: 'Reactivate' });
      await other.orders.invalidateAll();
    });
    await race(
      ({ catalog }) => catalog.readCatalog(),
      async () => {
        rig.truth.catalog = { priceBookId: null, products: [] };
        await other.orders.invalidateAll();
      },
    );
    expect(reader.tally.of('fill-revoked')).toBe(3);
    expect([await order(other), await list(other)]).toEqual(['Reactivate', ['1 Reactivate']]);
  });

  it('is left alone by an invalidation of another order', async () => {
    await race(list, () => other.orders.invalidateOrder(orderId(7)));
    expect(reader.tally.of('fill-revoked')).toBe(0);
    expect((await other.orders.readAccountOrders(accountId(1))).outcome).toBe('hit');
  });
});

describe('a value in the cache when the invalidation comes', () => {
  beforeEach(async () => {
    rig.truth.put(1, { status: 'Draft' });
    rig.truth.put(2, { accountId: accountId(2) });
    for (const client of [reader, other]) await Promise.all([order(client), list(client), list(client, 2)]);
  });

  it('goes, and the list with it, though the event names no account', async () => {
    rig.truth.put(1, { status: 'Approved' });
    await other.orders.invalidateOrder(orderId(1));
    expect([await order(reader), await list(reader)]).toEqual(['Approved', ['1 Approved']]);
    expect((await reader.orders.readAccountOrders(accountId(2))).outcome).toBe('hit');
  });

  it('goes from both accounts when an order moves and the event names only the new one', async () => {
    rig.truth.put(1, { accountId: accountId(2) });
    await other.orders.invalidateOrder(orderId(1), accountId(2));
    expect(await list(reader, 1)).toEqual([]);
    expect(await list(reader, 2)).toEqual(['1 Draft', '2 Draft']);
  });

  it('goes when only an item is named', async () => {
    rig.truth.put(1, { status: 'Approved' });
    await other.orders.invalidateOrdersOfItems([itemId(1)]);
    expect([await order(reader), await list(reader)]).toEqual(['Approved', ['1 Approved']]);
  });

  it('goes from a list that lacks an order which nobody ever saw, when a gap event names it', async () => {
    rig.truth.put(3, { status: 'Approved' });
    await other.orders.invalidateOrder(orderId(3), undefined, { gap: true });
    expect(await list(reader)).toEqual(['1 Draft', '3 Approved']);
  });

  it('goes from an order that lacks an item which nobody ever saw, when a gap event names it', async () => {
    rig.truth.put(1, { status: 'Changed', items: [] });
    await other.orders.invalidateOrdersOfItems([itemId(99)], { gap: true });
    expect([await order(reader), await list(reader)]).toEqual(['Changed', ['1 Changed']]);
  });

  it('goes when the order is deleted', async () => {
    rig.truth.orders.delete(orderId(1));
    await other.orders.invalidateOrder(orderId(1));
    expect([await order(reader), await list(reader)]).toEqual([undefined, []]);
  });

  it('goes when it was a "no such order"', async () => {
    expect((await reader.orders.readOrder(orderId(5))).value).toBeUndefined();
    rig.truth.put(5);
    await other.orders.invalidateOrder(orderId(5), accountId(1));
    expect((await reader.orders.readOrder(orderId(5))).value?.id).toBe(orderId(5));
  });

  it('goes with everything, in as many commands as ever', async () => {
    rig.truth.put(1, { status: 'Approved' });
    await other.orders.invalidateAll();
    expect([await order(reader), await list(reader)]).toEqual(['Approved', ['1 Approved']]);
  });

  it('goes, and whatever else depends on the index, when the index was evicted', async () => {
    rig.truth.put(1, { status: 'Approved' });
    await rig.redis.command('DEL', `${other.connection.prefix}index`);
    await other.orders.invalidateOrder(orderId(1));
    expect([await order(reader), await list(reader)]).toEqual(['Approved', ['1 Approved']]);
  });
});

describe('an index evicted under a fill in flight', () => {
  it('revokes the fill, also when it was made anew meanwhile', async () => {
    rig.truth.put(1, { status: 'Draft' });
    rig.truth.put(2, { accountId: accountId(2) });
    await race(list, async () => {
      rig.truth.put(1, { status: 'Approved' });
      await rig.redis.command('DEL', `${other.connection.prefix}index`);
      await other.orders.invalidateOrder(orderId(1));
      const onOther = list(other, 2);
      await eventually(() => {
        expect(rig.truth.gate.waiting).toBe(2);
      });
      rig.truth.gate.open();
      await onOther;
    });
    expect(await list(other)).toEqual(['1 Approved']);
  });
});

describe('stale-while-revalidate', () => {
  it('serves what is past its time, and never what was invalidated', async () => {
    const stale = await rig.client({ policy: { ttlMs: 1, ttlJitter: 0, staleWhileRevalidateMs: 60_000 } });
    rig.truth.put(1, { status: 'Draft' });
    await order(stale);
    rig.truth.put(1, { status: 'Submitted' });
    rig.truth.gate.hold();
    await eventually(async () => {
      expect(await order(stale)).toBe('Draft');
      expect(rig.truth.gate.waiting).toBe(1);
    });
    rig.truth.put(1, { status: 'Approved' });
    await other.orders.invalidateOrder(orderId(1));
    const late = order(stale);
    await eventually(() => {
      expect(rig.truth.gate.waiting).toBe(2);
    });
    rig.truth.gate.open();
    expect(await late).toBe('Approved');
    await eventually(() => {
      expect(stale.tally.of('fill-revoked')).toBe(1);
    });
  });
});
