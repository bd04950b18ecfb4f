import type { Client, Currency, CustomField, PaymentMethod, Prices, Product } from './entities';
import type { Seed } from './store';

/** The product custom field that callers mark their orders with. */
export const MARKER_FIELD_NAME = 'Salesforce Order';

const CURRENCIES: Currency[] = [
  { id: 1, code: 'USD', prefix: '$', suffix: ' USD' },
  { id: 2, code: 'EUR', prefix: '€', suffix: ' EUR' },
];

const PAYMENT_METHODS: PaymentMethod[] = [
  { module: 'mailin', displayname: 'Mail In Payment' },
  { module: 'banktransfer', displayname: 'Bank Transfer' },
  { module: 'paypal', displayname: 'PayPal' },
];

/** A text field that clients do not see, but that GetProducts lists. */
export function markerField(id: number): CustomField {
  return {
    id,
    name: MARKER_FIELD_NAME,
    description: '',
    required: false,
    adminOnly: true,
    showOnOrderForm: true,
  };
}

/** A product with everything left out filled in: no module, monthly price in USD and EUR, a marker field with id 40 + product id. */
export function product(given: Partial<Product> & Pick<Product, 'id' | 'name'>): Product {
  return {
    gid: 1,
    groupName: 'Services',
    type: 'other',
    description: '',
    module: '',
    autosetup: 'on',
    paytype: 'recurring',
    allowqty: 0,
    pricing: pricing({ monthly: '10.00' }),
    customFields: [markerField(40 + given.id)],
    ...given,
  };
}

/** A client with everything left out filled in. */
export function client(given: Partial<Client> & Pick<Client, 'id'>): Client {
  const number = String(given.id).padStart(2, '0');
  return {
    firstname: 'Client',
    lastname: number,
    companyname: `Company ${number}`,
    email: `client${number}@example.com`,
    address1: `${given.id} Example Street`,
    city: 'Springfield',
    state: 'Oregon',
    postcode: '97477',
    country: 'US',
    phonenumber: '5550100',
    currency: 1,
    status: 'Active',
    datecreated: '2026-01-01',
    ...given,
  };
}

function pricing(cycles: Prices['cycles'], setup: Prices['setup'] = {}): Product['pricing'] {
  return { USD: { cycles, setup }, EUR: { cycles, setup } };
}

/**
 * The default contents. Products 1 to 8 can be sold to any active client; 9 has no EUR price, and 10 lacks the marker
 * field. Clients 1 to 12 are active (11 and 12 pay in EUR), 13 is closed.
 */
export function defaultSeed(): Seed {
  const hosting = { type: 'hostingaccount', module: 'cpanel', gid: 1, groupName: 'Web Hosting' } as const;
  const server = { type: 'server', module: 'solusvm', gid: 2, groupName: 'Servers' } as const;
  const extras = { gid: 3, groupName: 'Extras' };
  return {
    currencies: structuredClone(CURRENCIES),
    paymentMethods: structuredClone(PAYMENT_METHODS),
    products: [
      product({ id: 1, name: 'Starter Hosting', ...hosting, pricing: pricing({ monthly: '9.95', annually: '99.50' }) }),
      product({
        id: 2,
        name: 'Business Hosting',
        ...hosting,
        pricing: pricing({ monthly: '24.95', quarterly: '71.00', annually: '249.50' }),
      }),
      product({
        id: 3,
        name: 'Virtual Server S',
        ...server,
        pricing: pricing({ monthly: '19.00', annually: '190.00' }, { monthly: '5.00' }),
        customFields: [
          { ...markerField(91), name: 'Operating System', adminOnly: false, description: 'Image to install' },
          markerField(43),
        ],
      }),
      product({
        id: 4,
        name: 'Virtual Server L',
        ...server,
        pricing: pricing({ monthly: '79.00', annually: '790.00' }),
      }),
      product({ id: 5, name: 'Managed Backup', ...extras, allowqty: 2, pricing: pricing({ monthly: '3.00' }) }),
      product({
        id: 6,
        name: 'Mailbox',
        ...extras,
        allowqty: 1,
        pricing: pricing({ monthly: '2.00', annually: '20.00' }),
      }),
      product({ id: 7, name: 'Onboarding', ...extras, paytype: 'onetime', pricing: pricing({ monthly: '150.00' }) }),
      product({ id: 8, name: 'Status Page', ...extras, paytype: 'free', pricing: {} }),
      product({
        id: 9,
        name: 'Certificate',
        ...extras,
        pricing: { USD: { cycles: { annually: '49.00' }, setup: {} } },
      }),
      product({
        id: 10,
        name: 'Legacy Colocation',
        ...extras,
        pricing: pricing({ monthly: '60.00' }),
        customFields: [],
      }),
    ],
    clients: [
      ...Array.from({ length: 12 }, (_, index) => client({ id: index + 1, currency: index >= 10 ? 2 : 1 })),
      client({ id: 13, status: 'Closed' }),
    ],
  };
}
