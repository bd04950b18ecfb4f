import type { TopicAccess } from '../../listener/subscription';
import type { Channels } from './change-capture';
import { fail, ok, type Finding } from './check';
import { DEPLOY_EVENT, DEPLOY_FIELDS } from './deploy';

const GRANT_CATALOG =
  'Grant the integration user View All Data, or set SF_PRODUCT_CDC_CHANNEL and SF_PRICEBOOK_ENTRY_CDC_CHANNEL to none: see docs/salesforce-setup.md, "The catalog’s events"';

/**
 * Whether the integration user may subscribe to every topic. Pure.
 *
 * The catalog's stand apart: products and price books have no View All Records, so what their events ask for is View All Data,
 * which an org may well refuse to an integration.
 */
export function topicsHeard(
  { product, pricebookEntry, ...others }: Channels & { provisionEvent: string | undefined },
  access: readonly TopicAccess[],
): Finding {
  const closed = access.filter(({ canSubscribe }) => !canSubscribe);
  if (closed.length === 0) return ok(`${access.length} may be subscribed to`);
  const named = closed.map(({ topic, refusal }) => `${topic} (${refusal?.reason ?? 'no right to it'})`);
  if (closed.some(({ refusal }) => refusal !== undefined && refusal.cause !== 'refused')) {
    return fail(`could not be asked: ${named.join(', ')}`, 'See the checks "login" and "Pub/Sub API", and try again.');
  }
  const catalog = [product, pricebookEntry].filter((topic) => !Object.values(others).includes(topic));
  const isClosed = (...topics: (string | undefined)[]) => closed.some(({ topic }) => topics.includes(topic));
  const repairs = [
    ...(isClosed(others.order, others.orderItem) ? [`${DEPLOY_FIELDS}, which reads all orders and accounts`] : []),
    ...(isClosed(others.provisionEvent) ? [DEPLOY_EVENT] : []),
    ...(isClosed(...catalog) ? [GRANT_CATALOG] : ['Check the SF_…_CHANNEL variables']),
  ];
  return fail(`may not be subscribed to: ${named.join(', ')}`, `${repairs.join('. ')}.`);
}
