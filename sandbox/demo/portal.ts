/** An order as the portal shows it: the status a customer sees, and how the cache answered. */
export interface Shown {
  status: string;
  cache: string;
}

export async function askPortal(portalUrl: string, orderId: string): Promise<Shown> {
  const response = await fetch(`${portalUrl}/orders/${orderId}`);
  if (!response.ok) return { status: `HTTP ${response.status}`, cache: '-' };
  const order = (await response.json()) as { status: string; activationStatus: string | null };
  return { status: order.activationStatus ?? order.status, cache: response.headers.get('x-cache') ?? '-' };
}
