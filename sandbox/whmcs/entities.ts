/** What the emulator stores. Amounts are texts with two decimals, as WHMCS prints them. */

export const ORDER_STATUSES = ['Pending', 'Active', 'Cancelled', 'Fraud'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

export const SERVICE_STATUSES = [
  'Pending',
  'Active',
  'Suspended',
  'Terminated',
  'Cancelled',
  'Fraud',
  'Completed',
] as const;
export type ServiceStatus = (typeof SERVICE_STATUSES)[number];

export type InvoiceStatus = 'Unpaid' | 'Paid' | 'Cancelled';

export const RECURRING_CYCLES = [
  'monthly',
  'quarterly',
  'semiannually',
  'annually',
  'biennially',
  'triennially',
] as const;
export type RecurringCycle = (typeof RECURRING_CYCLES)[number];
export type Cycle = RecurringCycle | 'onetime' | 'free';

/** A cycle as AddOrder takes it -> as it is shown on a service. */
export const CYCLE_NAMES: Record<Cycle, string> = {
  monthly: 'Monthly',
  quarterly: 'Quarterly',
  semiannually: 'Semi-Annually',
  annually: 'Annually',
  biennially: 'Biennially',
  triennially: 'Triennially',
  onetime: 'One Time',
  free: 'Free Account',
};

export interface Currency {
  id: number;
  code: string;
  prefix: string;
  suffix: string;
}

export interface PaymentMethod {
  module: string;
  displayname: string;
}

export interface CustomField {
  id: number;
  name: string;
  description: string;
  required: boolean;
  /** Clients cannot see it. */
  adminOnly: boolean;
  /** "Show on Order Form": GetProducts lists only such fields (developers.whmcs.com, GetProducts, the note). */
  showOnOrderForm: boolean;
}

/** Prices of one currency. A cycle that is not named is disabled ("-1.00"). A one-time price is under `monthly`, as in WHMCS. */
export interface Prices {
  cycles: Partial<Record<RecurringCycle, string>>;
  setup: Partial<Record<RecurringCycle, string>>;
}

export interface Product {
  id: number;
  gid: number;
  groupName: string;
  name: string;
  type: 'hostingaccount' | 'reselleraccount' | 'server' | 'other';
  description: string;
  /** Provisioning module, such as `cpanel`; "" for none. */
  module: string;
  /** When the module runs: on order, on payment, on manual acceptance, or never ("" = no automatic setup). */
  autosetup: '' | 'on' | 'order' | 'payment';
  paytype: 'recurring' | 'onetime' | 'free';
  /** 0 no quantities, 1 a quantity makes that many services, 2 one service with a quantity. */
  allowqty: 0 | 1 | 2;
  /** By currency code. */
  pricing: Record<string, Prices>;
  customFields: CustomField[];
}

export interface Client {
  id: number;
  firstname: string;
  lastname: string;
  companyname: string;
  email: string;
  address1: string;
  city: string;
  state: string;
  postcode: string;
  country: string;
  phonenumber: string;
  currency: number;
  status: 'Active' | 'Inactive' | 'Closed';
  datecreated: string;
}

export interface Order {
  id: number;
  ordernum: string;
  clientId: number;
  date: string;
  status: OrderStatus;
  amount: string;
  paymentmethod: string;
  /** 0: none. */
  invoiceId: number;
  serviceIds: number[];
}

export interface Service {
  id: number;
  orderId: number;
  clientId: number;
  pid: number;
  qty: number;
  domain: string;
  regdate: string;
  nextduedate: string;
  firstpaymentamount: string;
  recurringamount: string;
  paymentmethod: string;
  billingcycle: string;
  status: ServiceStatus;
  username: string;
  notes: string;
  /** Custom field id -> value. */
  customFields: Map<number, string>;
}

export interface InvoiceItem {
  id: number;
  relid: number;
  description: string;
  amount: string;
}

export interface Invoice {
  id: number;
  clientId: number;
  date: string;
  duedate: string;
  total: string;
  status: InvoiceStatus;
  paymentmethod: string;
  items: InvoiceItem[];
}
