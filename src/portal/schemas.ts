import { z } from 'zod';
import type { CatalogView, OrderItemView, OrderView, PriceView, ProductView } from '../domain/views';

/**
 * The shapes that the portal serves, for its description. Each is checked against its view by the compiler: a field that
 * a view gains or loses does not compile here.
 */
const shape = <View>() => {
  return <S extends Record<keyof View, z.ZodType>>(fields: S & Record<Exclude<keyof S, keyof View>, never>) =>
    z.strictObject(fields);
};

const id = z
  .string()
  .regex(/^[0-9A-Za-z]{18}$/)
  .describe('18-character Salesforce id');
const money = z.number().nullable();
const text = z.string().nullable();

export const orderItemSchema = shape<OrderItemView>()({
  id,
  productId: id.nullable(),
  productName: text,
  quantity: z.number(),
  unitPrice: money.describe('Per unit, in the order’s currency'),
  billingCycle: text.describe('WHMCS’s name of a billing cycle, e.g. monthly'),
  whmcsServiceId: text.describe('Null until the service exists'),
});

export const orderSchema = shape<OrderView>()({
  id,
  orderNumber: text,
  accountId: id.nullable(),
  status: z.string(),
  activationStatus: text.describe('Activating, Activated, Failed; null before provisioning began'),
  whmcsOrderId: text.describe('Null until the order is provisioned'),
  effectiveDate: text.describe('YYYY-MM-DD'),
  totalAmount: money,
  currency: text.describe('ISO 4217'),
  items: z.array(orderItemSchema),
});

const priceSchema = shape<PriceView>()({ id, unitPrice: z.number(), currency: text.describe('ISO 4217') });

const productSchema = shape<ProductView>()({
  id,
  name: z.string(),
  code: text,
  family: text,
  description: text,
  prices: z.array(priceSchema),
});

export const catalogSchema = shape<CatalogView>()({
  priceBookId: id.nullable(),
  products: z.array(productSchema),
});

export const refusalSchema = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) });
