import type { FieldInput, Store, TransactionMeta } from './store/types';

/**
 * Contents for an empty org: a hosting company's catalog, customers and orders. All names are made up. Numbers of
 * products and clients are those of the WHMCS emulator's default contents (products 1 to 8, clients 1 to 12).
 */

export interface SeededProduct {
  /** Product2. */
  id: string;
  pricebookEntryId: string;
  code: string;
  whmcsProductId: string | null;
  unitPrice: number;
  billingCycle: string;
}

export interface SeededCatalog {
  pricebookId: string;
  products: SeededProduct[];
}

/** Seeding is somebody's work: it makes change events with this user and client name. */
export type Seeder = TransactionMeta;

interface ProductSeed {
  name: string;
  code: string;
  family: string;
  whmcsProductId: string | null;
  unitPrice: number;
  billingCycle: string;
}

/** The catalog on offer; the last product has no WHMCS product and cannot be provisioned. */
export const CATALOG: readonly ProductSeed[] = [
  product('Starter Hosting', 'HOST-START', 'Hosting', '1', 9.95, 'monthly'),
  product('Business Hosting', 'HOST-BUS', 'Hosting', '2', 249.5, 'annually'),
  product('Virtual Server S', 'VPS-S', 'Hosting', '3', 19, 'monthly'),
  product('Virtual Server L', 'VPS-L', 'Hosting', '4', 79, 'monthly'),
  product('Managed Backup', 'BACKUP', 'Security', '5', 3, 'monthly'),
  product('Mailbox', 'MAIL', 'Email', '6', 20, 'annually'),
  product('Onboarding', 'ONBOARD', 'Support', '7', 150, 'onetime'),
  product('Mainframe Timeshare', 'MAINFRAME', 'Hosting', null, 999, 'monthly'),
];

function product(
  name: string,
  code: string,
  family: string,
  whmcsProductId: string | null,
  unitPrice: number,
  billingCycle: string,
): ProductSeed {
  return { name, code, family, whmcsProductId, unitPrice, billingCycle };
}

/** Puts the catalog into a price book of its own. */
export function seedCatalog(store: Store, by: Seeder, catalog: readonly ProductSeed[] = CATALOG): SeededCatalog {
  return store.transaction(by, (tx) => {
    const pricebookId = tx.create('Pricebook2', { Name: 'Hosting 2026', IsActive: true });
    const products = catalog.map((seed) => {
      const id = tx.create('Product2', {
        Name: seed.name,
        ProductCode: seed.code,
        Family: seed.family,
        IsActive: true,
        WHMCS_Product_ID__c: seed.whmcsProductId,
      });
      const pricebookEntryId = tx.create('PricebookEntry', {
        Pricebook2Id: pricebookId,
        Product2Id: id,
        UnitPrice: seed.unitPrice,
        IsActive: true,
      });
      const { code, whmcsProductId, unitPrice, billingCycle } = seed;
      return { id, pricebookEntryId, code, whmcsProductId, unitPrice, billingCycle };
    });
    return { pricebookId, products };
  });
}

const CUSTOMERS = [
  'Bakery',
  'Bicycles',
  'Bookshop',
  'Choir',
  'Clinic',
  'Ferry',
  'Gallery',
  'Garden',
  'Museum',
  'Theatre',
];
const TOWNS = ['Larchmoor', 'Quillbridge', 'Saltmere', 'Thornwick', 'Umberfield', 'Wexcombe'];

/** Fields of the customer with this number, from 1. */
function customer(number: number): FieldInput {
  const town = TOWNS[(number * 5) % TOWNS.length]!;
  return {
    Name: `${town} ${CUSTOMERS[number % CUSTOMERS.length]!}`,
    Type: 'Customer - Direct',
    AccountNumber: `C-${String(number).padStart(5, '0')}`,
    Phone: `+1 555 01${String(number % 100).padStart(2, '0')}`,
    BillingStreet: `${number} Example Street`,
    BillingCity: town,
    BillingState: 'Oregon',
    BillingPostalCode: `97${String(400 + (number % 100))}`,
    BillingCountry: 'US',
    WHMCS_Client_ID__c: String(((number - 1) % 12) + 1),
  };
}

/** Adds customers with WHMCS clients 1 to 12, in turn. `overrides` apply to each. @returns their ids */
export function seedAccounts(store: Store, by: Seeder, count: number, overrides: FieldInput = {}): string[] {
  const already = store.rows('Account').length;
  return store.transaction(by, (tx) =>
    Array.from({ length: count }, (_, index) =>
      tx.create('Account', { ...customer(already + index + 1), ...overrides }),
    ),
  );
}

export interface DraftOrder {
  accountId: string;
  /** Items by product code and quantity; one Starter Hosting when left out. */
  items?: readonly { code: string; quantity?: number }[];
  /** More fields of the order. */
  fields?: FieldInput;
}

export interface SeededOrder {
  orderId: string;
  itemIds: string[];
}

/** Adds a draft order with its items. @throws Error for a code that the catalog does not have */
export function seedDraftOrder(store: Store, by: Seeder, catalog: SeededCatalog, draft: DraftOrder): SeededOrder {
  return store.transaction(by, (tx) => {
    const orderId = tx.create('Order', {
      AccountId: draft.accountId,
      Pricebook2Id: catalog.pricebookId,
      EffectiveDate: '2026-01-15',
      Status: 'Draft',
      Type: 'New',
      ...draft.fields,
    });
    const itemIds = (draft.items ?? [{ code: 'HOST-START' }]).map(({ code, quantity = 1 }) => {
      const offered = catalog.products.find((candidate) => candidate.code === code);
      if (!offered) throw new Error(`The catalog has no product ${code}`);
      return tx.create('OrderItem', {
        OrderId: orderId,
        PricebookEntryId: offered.pricebookEntryId,
        Quantity: quantity,
        UnitPrice: offered.unitPrice,
        Billing_Cycle__c: offered.billingCycle,
      });
    });
    return { orderId, itemIds };
  });
}

/** Sets the status of orders in one transaction, as a person who selects them in a list view would. */
export function setOrderStatus(store: Store, by: Seeder, orderIds: readonly string[], status: string): void {
  store.transaction(by, (tx) => {
    for (const id of orderIds) tx.update('Order', id, { Status: status });
  });
}
