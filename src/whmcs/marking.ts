import { ProvisioningFailure } from '../domain/failure';
import { formatMarker } from '../domain/marker';
import type { SalesforceOrder } from '../domain/order';
import type { WhmcsClient } from './client';
import type { OrderRef } from './contract';
import { planLines, type Line } from './lines';
import type { Candidate } from './order-state';
import { readServices, type Service } from './services';

/**
 * Marks what was sold without a marker: the custom field had been made anew, and AddOrder named the old one. WHMCS says nothing of
 * that, and bills the order, which no look-up would find that does not know its id: not the one of a run that follows a terminated one.
 *
 * The marker goes into the admin notes, which every service has; the field may be gone altogether. Where it cannot be told which
 * service is for which item, or WHMCS refuses, all is left as it is, and the caller calls a person.
 * @returns the order's services, as they are then
 */
export async function markWhereMissing(
  client: WhmcsClient,
  order: OrderRef,
  { whmcsOrderId, services, whmcsClientId }: Pick<Candidate, 'whmcsOrderId' | 'services' | 'whmcsClientId'>,
  lines: readonly Line[],
): Promise<Service[]> {
  const unmarked = markersToGive(services, lines);
  if (unmarked.length === 0 || whmcsClientId !== order.whmcsClientId) return services;
  const about = `for WHMCS order ${whmcsOrderId} of order ${order.id}`;
  for (const { service, marker } of unmarked) {
    const notes = service.notes === '' ? marker : `${service.notes}\n${marker}`;
    if (!(await isAllowed(client.call('UpdateClientProduct', { serviceid: service.id, notes }, about)))) break;
  }
  const all = await readServices(client, whmcsClientId, about);
  return all.filter((service) => service.whmcsOrderId === whmcsOrderId);
}

/** The lines of an order, or none where it cannot be sold as it is now. */
export function linesOf(order: SalesforceOrder | undefined): Line[] {
  try {
    return order === undefined ? [] : planLines(order);
  } catch (error) {
    if (error instanceof ProvisioningFailure) return [];
    throw error;
  }
}

/** WHMCS makes a service of each line, in their order. Of no line, where the services are not those of the lines. */
function markersToGive(services: readonly Service[], lines: readonly Line[]): { service: Service; marker: string }[] {
  if (services.length !== lines.length) return [];
  const pairs = lines.flatMap((line, at) => {
    const service = services[at];
    const marker = service?.marker && formatMarker(service.marker);
    const isOfLine = service?.whmcsProductId === line.whmcsProductId && (marker ?? line.marker) === line.marker;
    return service !== undefined && isOfLine ? [{ service, marker: line.marker }] : [];
  });
  if (pairs.length !== lines.length) return [];
  return pairs.filter(({ service }) => service.marker === undefined);
}

/** The API's role may lack this action, which is needed at no other time: that holds up nobody. */
async function isAllowed(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (!(error instanceof ProvisioningFailure)) throw error;
    if (error.kind !== 'permanent' && error.code !== 'WHMCS_CREDENTIALS_REFUSED') throw error;
    return false;
  }
}
