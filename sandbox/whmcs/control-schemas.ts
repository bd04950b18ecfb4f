import { z } from 'zod';
import { LIST_SHAPES } from './answer';
import { RECURRING_CYCLES } from './entities';

/** What the control API accepts. */

const amount = z.string().regex(/^\d+\.\d{2}$/, 'must be an amount such as "9.95"');
const amounts = z.partialRecord(z.enum(RECURRING_CYCLES), amount);
const id = z.int().positive();

export const clientInput = z.strictObject({
  id: id.optional(),
  firstname: z.string().optional(),
  lastname: z.string().optional(),
  companyname: z.string().optional(),
  email: z.string().optional(),
  currency: id.optional(),
  status: z.enum(['Active', 'Inactive', 'Closed']).optional(),
});

export const productInput = z.strictObject({
  id: id.optional(),
  name: z.string().min(1),
  module: z.string().optional(),
  autosetup: z.enum(['', 'on', 'order', 'payment']).optional(),
  paytype: z.enum(['recurring', 'onetime', 'free']).optional(),
  allowqty: z.union([z.literal(0), z.literal(1), z.literal(2)]).optional(),
  pricing: z.record(z.string(), z.strictObject({ cycles: amounts, setup: amounts.default({}) })).optional(),
  customFields: z
    .array(
      z.strictObject({
        id,
        name: z.string().min(1),
        description: z.string().default(''),
        required: z.boolean().default(false),
        adminOnly: z.boolean().default(true),
        showOnOrderForm: z.boolean().default(true),
      }),
    )
    .optional(),
});

export const settingsInput = z.strictObject({
  listShape: z.enum(LIST_SHAPES).optional(),
  numbers: z.enum(['strings', 'numbers']).optional(),
  acceptReportsModuleError: z.boolean().optional(),
  cancelOrderCancelsInvoice: z.boolean().optional(),
});

export const ledgerQuery = z.strictObject({
  kind: z.enum(['call', 'change']).optional(),
  action: z.string().optional(),
  after: z.coerce.number().int().nonnegative().optional(),
});

export const ordersQuery = z.strictObject({
  status: z.enum(['Pending', 'Active', 'Cancelled', 'Fraud']).optional(),
  /** Text that a custom field value of the order must contain. */
  field: z.string().optional(),
});

export const faultId = z.strictObject({ id: z.coerce.number().int().positive() });
