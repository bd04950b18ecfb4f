import { fail, ok, type Finding } from './check';

/** The standard channel; it has a member for each object that is selected in Setup, Change Data Capture. */
const STANDARD = 'ChangeEvents';

export interface Channels {
  order: string;
  orderItem: string;
  product: string;
  pricebookEntry: string;
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

/** Whether each object that is listened to is captured on its channel. Pure. */
export function changeCapture(channels: Channels, members: readonly { channel: string; entity: string }[]): Finding {
  const has = (channel: string, entity: string) =>
    members.some((member) => member.channel === channel && member.entity === entity);
  const missing = Object.entries(ENTITIES)
    .map(([key, entity]) => ({ channel: channelOf(channels[key as keyof Channels]), entity }))
    .filter(({ channel, entity }) => !has(channel, entity));
  if (missing.length === 0) return ok('Order, OrderItem, Product2 and PricebookEntry are captured');
  const named = missing.map(({ channel, entity }) => `${entity.replace('ChangeEvent', '')} on ${channel}`);
  return fail(
    `not captured: ${named.join(', ')}`,
    'Select the objects in Setup, Change Data Capture, or deploy salesforce/ (platformEventChannelMembers).',
  );
}
