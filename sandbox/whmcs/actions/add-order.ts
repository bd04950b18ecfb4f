import { randomInt } from 'node:crypto';
import { BusinessError, type Action, type ActionContext, type Answer } from '../action';
import { decodeCustomFields } from '../custom-fields';
import { CYCLE_NAMES, type Client, type Order, type Product, type Service } from '../entities';
import { phpFloat, phpInt } from '../php-form';
import { money, nextDueDate, quote, type Quote } from '../pricing';

interface CartItem {
  product: Product;
  quote: Quote;
  /** Units in one service; more services than one if the product's quantities mean that. */
  units: number;
  services: number;
  domain: string;
  customFields: Map<number, string>;
}

/** Parameters that belong to an item: with an array of products they must be arrays as well. */
const PER_ITEM = ['qty', 'domain', 'billingcycle', 'customfields', 'configoptions', 'priceoverride'];

/**
 * AddOrder (developers.whmcs.com/api-reference/addorder). It never sets a product up, and it has no idempotency key:
 * the same call twice makes two orders. A product that does not exist is left out of the cart without a word; only an
 * empty cart is an error.
 */
export const addOrder: Action = (context) => {
  const { store, params } = context;
  const client = store.clients.get(params.int('clientid'));
  if (client === undefined) throw new BusinessError('Client ID Not Found');
  if (client.status === 'Closed') throw new BusinessError('Unable to add order when client status is Closed');
  const paymentmethod = params.text('paymentmethod');
  const methods = store.paymentMethods.map((method) => method.module);
  if (!methods.includes(paymentmethod)) {
    throw new BusinessError(`Invalid Payment Method. Valid options include ${methods.join(',')}`);
  }
  const cart = fillCart(context, client);
  if (cart.length === 0) throw new BusinessError('No items added to cart so order cannot proceed');
  return placeOrder(context, client, cart);
};

function fillCart({ store, params }: ActionContext, client: Client): CartItem[] {
  if (params.isArray('pid')) {
    for (const name of PER_ITEM) {
      if (params.has(name) && !params.isArray(name)) {
        throw new BusinessError(`Expecting parameter '${name}' to be an array`);
      }
    }
  }
  const column = (name: string) => params.array(name);
  const quantities = column('qty');
  const domains = column('domain');
  const cycles = column('billingcycle');
  const overrides = column('priceoverride');
  const fields = column('customfields');
  const currency = store.currencyOf(client).code;
  const cart: CartItem[] = [];
  for (const [key, pid] of column('pid')) {
    const product = store.products.get(phpInt(pid));
    const found = product && quote(product, currency, cycles.get(key) ?? '');
    if (product === undefined || found === undefined) continue;
    const override = overrides.get(key) ?? '';
    const quantity = Math.max(1, phpInt(quantities.get(key) ?? '1'));
    cart.push({
      product,
      quote: override === '' ? found : { cycle: found.cycle, recurring: phpFloat(override), setup: 0 },
      units: product.allowqty === 2 ? quantity : 1,
      services: product.allowqty === 1 ? quantity : 1,
      domain: domains.get(key) ?? '',
      customFields: keepKnown(product, decodeCustomFields(fields.get(key) ?? '')),
    });
  }
  return cart;
}

/** Values for fields that the product does not have are dropped, without an error. */
function keepKnown(product: Product, sent: Map<number, string>): Map<number, string> {
  return new Map([...sent].filter(([id]) => product.customFields.some((field) => field.id === id)));
}

function placeOrder(context: ActionContext, client: Client, cart: CartItem[]): Answer {
  const { store, params } = context;
  const total = cart.reduce((sum, item) => sum + firstPayment(item) * item.services, 0);
  const order: Order = {
    id: store.nextId('order'),
    ordernum: String(randomInt(1_000_000_000, 9_999_999_999)),
    clientId: client.id,
    date: store.timestamp(),
    status: 'Pending',
    amount: money(total),
    paymentmethod: params.text('paymentmethod'),
    invoiceId: 0,
    serviceIds: [],
  };
  store.addOrder(order);
  context.afterService(0);
  for (const item of cart) {
    for (let n = 0; n < item.services; n += 1) {
      store.addService(newService(context, order, item));
      context.afterService(order.serviceIds.length);
    }
  }
  if (!params.flag('noinvoice')) addInvoice(context, order);
  const serviceids = order.serviceIds.join(',');
  // WHMCS 7.8 renamed productids to serviceids and kept both.
  return {
    orderid: order.id,
    productids: serviceids,
    serviceids,
    addonids: '',
    domainids: '',
    invoiceid: order.invoiceId,
  };
}

function firstPayment(item: CartItem): number {
  return (item.quote.recurring + item.quote.setup) * item.units;
}

function newService({ store }: ActionContext, order: Order, item: CartItem): Service {
  const regdate = store.today();
  const renews = item.quote.cycle !== 'onetime' && item.quote.cycle !== 'free';
  return {
    id: store.nextId('service'),
    orderId: order.id,
    clientId: order.clientId,
    pid: item.product.id,
    qty: item.units,
    domain: item.domain,
    regdate,
    nextduedate: nextDueDate(regdate, item.quote.cycle),
    firstpaymentamount: money(firstPayment(item)),
    recurringamount: money(renews ? item.quote.recurring * item.units : 0),
    paymentmethod: order.paymentmethod,
    billingcycle: CYCLE_NAMES[item.quote.cycle],
    status: 'Pending',
    username: '',
    notes: '',
    customFields: new Map(item.customFields),
  };
}

/** One invoice per order. An order that costs nothing has none. */
function addInvoice({ store }: ActionContext, order: Order): void {
  const payable = store.servicesOf(order).filter((service) => Number(service.firstpaymentamount) > 0);
  if (payable.length === 0) return;
  order.invoiceId = store.nextId('invoice');
  store.addInvoice({
    id: order.invoiceId,
    clientId: order.clientId,
    date: store.today(),
    duedate: store.today(),
    total: money(payable.reduce((sum, service) => sum + Number(service.firstpaymentamount), 0)),
    status: 'Unpaid',
    paymentmethod: order.paymentmethod,
    items: payable.map((service) => ({
      id: store.nextId('invoiceItem'),
      relid: service.id,
      description: `${store.products.get(service.pid)?.name ?? 'Product'} (${service.regdate} - ${service.nextduedate})`,
      amount: service.firstpaymentamount,
    })),
  });
}
