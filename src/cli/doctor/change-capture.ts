import { fail, ok, type Finding } from './check';

/** The standard channel; it has a member for each object that is selected in Setup, Change Data Capture. */
const STANDARD = 'ChangeEvents';
/** The custom channel of salesforce/manifest/package-enriched.xml. */
const ENRICHED = 'Order_Enriched__chn';

/** Topic of each object; undefined where nobody listens. */
export interface Channels {
  order: string;
  orderItem: string;
  product: string | undefined;
  pricebookEntry: string | undefined;
}

const ENTITIES: Record<keyof Channels, string> = {
  order: 'OrderChangeEvent',
  orderItem: 'OrderItemChangeEvent',
  product: 'Product2ChangeEvent',
  pricebookEntry: 'PricebookEntryChangeEvent',
};

/** The channel whose members decide what `topic` brings: a custom one, or the standard one for `/data/OrderChangeEvent` and its like. */
function channelOf(topic: string): string {
  const name = topic.replace(/^\/data\//, '');
  return name.endsWith('__chn') ? name : STANDARD;
}

const objectOf = (entity: string): string => entity.replace('ChangeEvent', '');

/** Whether each object that is listened to is captured on its channel. Pure. */
export function changeCapture(channels: Channels, members: readonly { channel: string; entity: string }[]): Finding {
  const has = (channel: string, entity: string) =>
    members.some((member) => member.channel === channel && member.entity === entity);
  const heard = Object.entries(ENTITIES).flatMap(([key, entity]) => {
    const topic = channels[key as keyof Channels];
    return topic === undefined ? [] : [{ channel: channelOf(topic), entity }];
  });
  const missing = heard.filter(({ channel, entity }) => !has(channel, entity));
  if (missing.length === 0) return ok(`captured: ${heard.map(({ entity }) => objectOf(entity)).join(', ')}`);
  const named = missing.map(({ channel, entity }) => `${objectOf(entity)} on ${channel}`);
  return fail(`not captured: ${named.join(', ')}`, repairOf(new Set(missing.map(({ channel }) => channel))));
}

/** What Setup shows is the standard channel alone. */
function repairOf(channels: ReadonlySet<string>): string {
  const standard =
    'Select the objects in Setup, Change Data Capture, or deploy salesforce/manifest/package-cdc.xml, which has them as members of ChangeEvents.';
  const enriched = `Deploy salesforce/manifest/package-enriched.xml for Order and OrderItem on ${ENRICHED}.`;
  const others = [...channels].filter((channel) => channel !== STANDARD && channel !== ENRICHED);
  return [
    ...(channels.has(STANDARD) ? [standard] : []),
    ...(channels.has(ENRICHED) ? [enriched] : []),
    ...(others.length > 0 ? [`Deploy a PlatformEventChannelMember for each object on ${others.join(', ')}.`] : []),
  ].join(' ');
}
