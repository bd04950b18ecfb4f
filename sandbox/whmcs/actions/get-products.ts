import { PhpList, type Action } from '../action';
import { RECURRING_CYCLES, type Product } from '../entities';
import { phpInt } from '../php-form';
import type { Store } from '../store';

/** GetProducts. Only custom fields with "Show on Order Form" are listed, so a marker field without it cannot be found here. */
export const getProducts: Action = ({ store, params }) => {
  const pids = params
    .text('pid')
    .split(',')
    .map(phpInt)
    .filter((pid) => pid !== 0);
  const gid = params.int('gid');
  const module = params.text('module');
  const products = [...store.products.values()]
    .filter((product) => pids.length === 0 || pids.includes(product.id))
    .filter((product) => gid === 0 || product.gid === gid)
    .filter((product) => module === '' || product.module === module);
  return {
    totalresults: products.length,
    startnumber: 0,
    numreturned: products.length,
    products: new PhpList(
      'product',
      products.map((product) => present(store, product)),
    ),
  };
};

function present(store: Store, product: Product): Record<string, unknown> {
  const slug = product.name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return {
    pid: product.id,
    gid: product.gid,
    type: product.type,
    name: product.name,
    slug,
    'product-url': `https://www.example.com/whmcs/store/${slug}`,
    description: product.description,
    module: product.module,
    paytype: product.paytype,
    allowqty: product.allowqty,
    quantity_available: 0,
    pricing: Object.fromEntries(
      [...store.currencies.values()].map((currency) => [
        currency.code,
        { prefix: currency.prefix, suffix: currency.suffix, ...prices(product, currency.code) },
      ]),
    ),
    customfields: new PhpList(
      'customfield',
      product.customFields
        .filter((field) => field.showOnOrderForm)
        .map((field) => ({
          id: field.id,
          name: field.name,
          description: field.description,
          required: field.required ? 'on' : '',
        })),
    ),
    configoptions: new PhpList('configoption', []),
  };
}

/** A disabled cycle costs "-1.00". */
function prices(product: Product, currency: string): Record<string, string> {
  const own = product.pricing[currency];
  const setup = RECURRING_CYCLES.map((cycle) => [`${cycle.charAt(0)}setupfee`, own?.setup[cycle] ?? '0.00'] as const);
  const cycles = RECURRING_CYCLES.map((cycle) => [cycle, own?.cycles[cycle] ?? '-1.00'] as const);
  return Object.fromEntries([...setup, ...cycles]);
}
