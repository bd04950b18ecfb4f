import { parseOrderId } from '../../src/domain/order';
import { answerRequests } from '../forked';
import { connectVendors, type VendorAddresses, type Vendors } from '../peer/vendors';
import { atATime } from './at-a-time';

/** A process that makes the calls of an order's usual path, and nothing else: what an order takes that is the vendors' own time. */
export type CallsRequest =
  | { connect: VendorAddresses }
  /** The calls for each of these orders, `limit` orders at a time. Answered with what each took, ms. */
  | { orders: readonly string[]; limit: number };

const WHMCS_TIMEOUT_MS = 30_000;
let vendors: Vendors | undefined;

async function calls({ salesforce, whmcs }: Vendors, text: string): Promise<number> {
  const begun = performance.now();
  const orderId = parseOrderId(text);
  const order = await salesforce.read(orderId);
  if (order?.whmcsClientId == null) throw new Error(`Order ${orderId} is not there, or its customer is nobody's`);
  await salesforce.markActivating(orderId);
  const { whmcsOrderId } = await whmcs.add(order);
  const accepted = await whmcs.accept({ id: orderId, whmcsClientId: order.whmcsClientId }, whmcsOrderId);
  await salesforce.writeBack(orderId, accepted);
  return performance.now() - begun;
}

answerRequests(async (request: CallsRequest): Promise<number[]> => {
  if ('connect' in request) {
    vendors = connectVendors(request.connect, WHMCS_TIMEOUT_MS);
    return [];
  }
  const connected = vendors;
  if (connected === undefined) throw new Error('Not connected');
  return atATime(request.limit, request.orders, (orderId) => calls(connected, orderId));
});
