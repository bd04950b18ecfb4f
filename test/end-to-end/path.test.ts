import type { CatalogView } from '../../src/domain/views';
import { RunningProduct } from '../support/running-product';
import { eventually } from '../support/eventually';

/** From an approval in Salesforce to both systems saying the same, by the real processes. */
describe('the product, run as processes', () => {
  let product: RunningProduct;
  let portal: string;
  beforeAll(async () => {
    product = await RunningProduct.start();
    const [, , started] = await Promise.all([product.run('worker'), product.run('listener'), product.run('portal')]);
    portal = started.url;
  });
  afterAll(() => product.stop());

  const read = async (orderId: string) => {
    const response = await fetch(`${portal}/orders/${orderId}`);
    return { cache: response.headers.get('x-cache'), order: (await response.json()) as Record<string, unknown> };
  };

  it('an approved order is provisioned', async () => {
    const orderId = product.draft();
    product.approve(orderId);
    await product.activated(orderId);
    expect(await product.handle(orderId).result()).toMatchObject({ phase: 'Activated', trigger: 'cdc' });
  });

  it('an order that is created Approved is provisioned', async () => {
    const orderId = product.draft({ Status: 'Approved' });
    await product.activated(orderId);
  });

  it('an order that is already provisioned is not provisioned again', async () => {
    const orderId = product.draft();
    product.approve(orderId);
    await product.activated(orderId);
    // An approval that comes while the first run is still open is that run's, which has nothing left to do.
    expect(await product.handle(orderId).result()).toMatchObject({ phase: 'Activated' });
    const [sold] = product.books(orderId);
    product.set(orderId, { Status: 'Draft' });
    product.approve(orderId);
    await eventually(async () => expect(await product.handle(orderId).result()).toMatchObject({ phase: 'Skipped' }));
    expect(product.books(orderId)).toEqual([sold]);
  });

  it('a cancelled order is not provisioned', async () => {
    const orderId = product.draft();
    product.set(orderId, { Status: 'Cancelled' });
    await product.caughtUp();
    await expect(product.handle(orderId).describe()).rejects.toThrow(/not found/i);
    expect(product.books(orderId)).toEqual([]);
    expect(product.field(orderId, 'Activation_Status__c')).toBeNull();
  });

  it('an order cancelled in Salesforce while it waits for a person ends its run', async () => {
    const orderId = product.draft({}, 'MAINFRAME');
    product.approve(orderId);
    await eventually(() => expect(product.field(orderId, 'Activation_Error_Code__c')).toBe('PRODUCT_NOT_LINKED'));
    product.set(orderId, { Status: 'Cancelled' });
    expect(await product.handle(orderId).result()).toMatchObject({ phase: 'Cancelled' });
  });

  it('the portal shows a change at once, and reads from the cache otherwise', async () => {
    const orderId = product.draft();
    // So that the event of its creation, which invalidates too, is past.
    await product.caughtUp();
    expect(await read(orderId)).toMatchObject({ cache: 'miss', order: { status: 'Draft', whmcsOrderId: null } });
    expect(await read(orderId)).toMatchObject({ cache: 'hit' });
    product.approve(orderId);
    await product.activated(orderId);
    await product.handle(orderId).result();
    const after = await read(orderId);
    expect(after.order).toMatchObject({
      activationStatus: 'Activated',
      whmcsOrderId: product.field(orderId, 'WHMCS_Order_ID__c'),
    });
  });

  it('an internal change leaves the cache alone; a customer-facing one does not', async () => {
    const orderId = product.draft();
    await product.caughtUp();
    await read(orderId);
    product.set(orderId, { Description: 'for our eyes only' });
    await product.caughtUp();
    expect(await read(orderId)).toMatchObject({ cache: 'hit' });
    product.set(orderId, { EffectiveDate: '2026-03-03' });
    await eventually(async () => expect((await read(orderId)).order).toMatchObject({ effectiveDate: '2026-03-03' }));
  });

  it('a deleted order is a 404 in the portal', async () => {
    const orderId = product.draft();
    await read(orderId);
    const { store, salesUserId: userId } = product.sandbox.salesforce;
    store.transaction({ userId }, (tx) => tx.delete('Order', orderId));
    await eventually(async () => expect((await fetch(`${portal}/orders/${orderId}`)).status).toBe(404));
  });

  it('a new price and a new name show in the catalog, which is read from the cache otherwise', async () => {
    await product.caughtUp();
    const catalog = async () => {
      const response = await fetch(`${portal}/catalog`);
      const { products } = (await response.json()) as CatalogView;
      const starter = products.find(({ code }) => code === 'HOST-START')!;
      return { cache: response.headers.get('x-cache'), starter };
    };
    await catalog();
    const { cache, starter } = await catalog();
    expect([cache, starter.prices[0]?.unitPrice]).toEqual(['hit', 9.95]);
    const { store, salesUserId: userId } = product.sandbox.salesforce;
    const set = (object: string, id: string, fields: Record<string, unknown>): void =>
      store.transaction({ userId }, (tx) => tx.update(object, id, fields));

    set('PricebookEntry', starter.prices[0]!.id, { UnitPrice: 12.5 });
    await eventually(async () => expect((await catalog()).starter.prices[0]?.unitPrice).toBe(12.5));
    expect((await catalog()).cache).toBe('hit');
    set('Product2', starter.id, { Name: 'First Hosting' });
    await eventually(async () => expect((await catalog()).starter.name).toBe('First Hosting'));
  });

  it('each process tells its health and its metrics', async () => {
    for (const { url, name } of product.processes.values()) {
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      expect(await (await fetch(`${url}/metrics`)).text()).toContain(`process="${name}"`);
    }
  });

  it('each process ends with exit code 0 at SIGTERM', async () => {
    for (const { child } of product.processes.values()) {
      child.kill('SIGTERM');
      await child.end;
      expect(child.ended()).toBe('ended with exit code 0');
    }
  });
});
