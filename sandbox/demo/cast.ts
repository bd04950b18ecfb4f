import type { SalesforceEmulator } from '../salesforce';
import { EARLIER_WHMCS_ORDER } from './expected';

/** What the demo's orders are there to show. */
export type Role = 'approved' | 'already provisioned' | 'cancelled' | 'bad product';

export interface DemoOrder {
  id: string;
  accountId: string;
  role: Role;
}

export interface Cast {
  orders: DemoOrder[];
  /** Drafts that play no part: for a person to approve. */
  spare: string[];
  /** Lets the story begin: each order gets the status of its role. */
  begin(): void;
}

const APPROVED = 20;
const ACCOUNTS = 5;
const SPARE = 3;

/**
 * Loads a catalog, accounts linked to WHMCS clients, and draft orders: 20 to approve, one that is already provisioned, one to
 * cancel, one whose product nobody linked to WHMCS, and some to spare.
 */
export function loadCast({ store, salesUserId: userId }: SalesforceEmulator): Cast {
  return store.transaction({ userId }, (tx) => {
    const priceBook = tx.create('Pricebook2', { Name: 'Demo Price Book', IsActive: true });
    const product = (name: string, whmcsId: string | null, price: number): string => {
      const id = tx.create('Product2', { Name: name, IsActive: true, WHMCS_Product_ID__c: whmcsId });
      return tx.create('PricebookEntry', { Product2Id: id, Pricebook2Id: priceBook, UnitPrice: price, IsActive: true });
    };
    const linked = [
      product('Starter Hosting', '1', 9.95),
      product('Business Hosting', '2', 24.95),
      product('Virtual Server S', '3', 19),
    ];
    const unlinked = product('Consulting Day', null, 900);
    const accounts = Array.from({ length: ACCOUNTS }, (_, index) =>
      tx.create('Account', { Name: `Fictional Customer ${index + 1}`, WHMCS_Client_ID__c: String(index + 1) }),
    );
    const order = (role: Role, index: number, entry: string, fields: Record<string, unknown> = {}): DemoOrder => {
      const accountId = accounts[index % ACCOUNTS]!;
      const id = tx.create('Order', {
        AccountId: accountId,
        Status: 'Draft',
        EffectiveDate: '2026-01-15',
        Pricebook2Id: priceBook,
        ...fields,
      });
      tx.create('OrderItem', {
        OrderId: id,
        PricebookEntryId: entry,
        Quantity: 1 + (index % 2),
        UnitPrice: 10 + index,
        Billing_Cycle__c: 'monthly',
      });
      return { id, accountId, role };
    };
    const orders = [
      ...Array.from({ length: APPROVED }, (_, index) => order('approved', index, linked[index % linked.length]!)),
      order('already provisioned', 0, linked[0]!, {
        WHMCS_Order_ID__c: EARLIER_WHMCS_ORDER,
        Activation_Status__c: 'Activated',
      }),
      order('cancelled', 1, linked[0]!),
      order('bad product', 2, unlinked),
    ];
    const spare = Array.from({ length: SPARE }, (_, index) => order('approved', index, linked[index]!).id);
    return { orders, spare, begin: () => orders.forEach((each) => begin(store, userId, each)) };
  });
}

function begin(store: SalesforceEmulator['store'], userId: string, { id, role }: DemoOrder): void {
  const status = role === 'cancelled' ? 'Cancelled' : 'Approved';
  store.transaction({ userId }, (tx) => tx.update('Order', id, { Status: status }));
}
