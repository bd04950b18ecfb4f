import { eventually } from '../support/eventually';
import { OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver';
import { RunningProduct } from '../support/running-product';
import type { OrderId } from '../../src/domain/order';

/** What an operator can follow of one order: its trace at a collector, and its log lines, by the processes as they run. */
const CHANNEL = '/event/Order_Fulfilment_Requested__e';
const CORRELATION = 'quote-4711';
const PERSON = 'Zyxxonia Quorvath';

describe('an order that a platform event asked for', () => {
  let product: RunningProduct;
  let collector: OtlpReceiver;
  let orderId: OrderId;

  beforeAll(async () => {
    collector = await OtlpReceiver.start();
    product = await RunningProduct.start({
      SF_PROVISION_EVENT_CHANNEL: CHANNEL,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_BSP_SCHEDULE_DELAY: '200',
      RECONCILE_EVERY: '30 days',
    });
    await Promise.all([product.run('worker'), product.run('listener')]);
    orderId = product.draft({ Description: PERSON });
    product.approve(orderId);
    const { events, salesUserId } = product.sandbox.salesforce;
    events.publishPlatformEvent(
      'Order_Fulfilment_Requested__e',
      { OrderId__c: orderId, RequestedBy__c: PERSON, CorrelationId__c: CORRELATION },
      salesUserId,
    );
    await product.activated(orderId);
    await product.handle(orderId).result();
  });

  afterAll(async () => {
    await product.stop();
    await collector.close();
  });

  /** The spans of the trace that began with the platform event. */
  function trace(): ReceivedSpan[] {
    const event = collector.spans.find(({ name }) => name === `event ${CHANNEL}`);
    return collector.spans.filter(({ traceId }) => traceId === event?.traceId);
  }

  const PATH = ['claimOrder', 'addOrder', 'acceptOrder', 'writeBack', 'invalidateCaches'];

  it('is one trace, from the event to the write-back', async () => {
    const spans = await eventually(() => {
      const names = trace().map(({ name }) => name);
      for (const activity of PATH) expect(names).toContain(`RunActivity:${activity}`);
      expect(names).toContain('SignalWithStartWorkflow:provisionOrder');
      return trace();
    });
    const parentOf = ({ parentSpanId }: ReceivedSpan): string | undefined =>
      spans.find(({ spanId }) => spanId === parentSpanId)?.name;
    const below = (parent: string): string[] =>
      spans
        .filter((span) => parentOf(span) === parent)
        .map(({ name }) => name)
        .sort();

    expect(below(`event ${CHANNEL}`)).toEqual(['SignalWithStartWorkflow:provisionOrder']);
    expect(below('SignalWithStartWorkflow:provisionOrder')).toEqual(PATH.map((name) => `RunActivity:${name}`).sort());
    // The worker's first calls may have to log in, and look up the products, before them.
    expect(below('RunActivity:claimOrder')).toEqual(
      expect.arrayContaining(['salesforce patch sobjects', 'salesforce query']),
    );
    expect(below('RunActivity:addOrder')).toContain('whmcs AddOrder');
    expect(below('RunActivity:acceptOrder')).toEqual(['whmcs AcceptOrder', 'whmcs GetClientsProducts']);
    expect(below('RunActivity:writeBack')).toEqual(['salesforce patch composite/sobjects']);
    expect(new Set(spans.map(({ service }) => service))).toEqual(
      new Set(['order-provisioning-listener', 'order-provisioning-worker']),
    );
    const [event] = spans.filter(({ name }) => name === `event ${CHANNEL}`);
    expect(event?.attributes).toMatchObject({ topic: CHANNEL, correlationId: CORRELATION, orderIds: [orderId] });
  });

  it('leaves no personal data and no secret at the collector', () => {
    const sent = Buffer.concat(collector.bodies).toString('latin1').toLowerCase();
    expect(sent).toContain(orderId.toLowerCase());
    const { salesforce, whmcs } = product.sandbox;
    const secrets = [
      salesforce.credentials.clientSecret,
      whmcs.credentials.secret,
      `${salesforce.orgId.slice(0, 15)}!`,
    ];
    const found = [...PERSON.split(' '), ...secrets].filter((mark) => sent.includes(mark.toLowerCase()));
    expect(found).toEqual([]);
  });

  it('can be followed on the log lines of both processes by each of its ids', async () => {
    const lines = await eventually(() => {
      const written = product.log
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(written).toContainEqual(expect.objectContaining({ msg: 'activity done', activity: PATH.at(-1), orderId }));
      return written;
    });
    const [event] = lines.filter(({ msg, correlationId }) => msg === 'event' && correlationId === CORRELATION);
    const replayId = event?.['replayId'];
    expect(event).toMatchObject({ process: 'listener', topic: CHANNEL, orderIds: [orderId] });
    expect(replayId).toEqual(expect.stringMatching(/^\d+$/));

    const ids = { orderId, workflowId: `provision-order-${orderId}`, replayId, correlationId: CORRELATION };
    const traceId = trace()[0]?.traceId;
    const requests = lines.filter(({ msg, effect }) => msg === 'effect done' && effect === 'request');
    expect(requests).toEqual([expect.objectContaining({ process: 'listener', ...ids, traceId })]);
    const activities = lines.filter(({ msg, orderId: about }) => msg === 'activity done' && about === orderId);
    expect(activities.map(({ activity }) => activity)).toEqual(PATH);
    for (const line of activities) expect(line).toMatchObject({ process: 'worker', ...ids, traceId });
  });
});
