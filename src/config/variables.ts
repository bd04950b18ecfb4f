import { z } from 'zod';
import { DEFAULT_PROVISION_STATUSES } from '../domain/decision';
import {
  bearerToken,
  channel,
  channelOrNone,
  count,
  duration,
  flag,
  hostAndPort,
  httpsUrl,
  isRedisUrl,
  list,
  port,
  severalOrMore,
  text,
} from './values';
import { define } from './variable';

/** One table, in two files: the loader, `.env.example` and the reference in the docs are made from it. */
export type { Variable } from './variable';
export { CACHE_TTL, CATALOG, PORTAL } from './portal-variables';

export const SALESFORCE = define({
  SF_LOGIN_URL: {
    schema: httpsUrl,
    about: 'My Domain login address of the org, e.g. https://example.my.salesforce.com. http: for loopback hosts only.',
  },
  SF_CLIENT_ID: { schema: text(), about: 'Consumer key of the connected app.' },
  SF_CLIENT_SECRET: {
    schema: text().optional(),
    about: 'Consumer secret, for the OAuth client credentials flow.',
    secret: true,
  },
  SF_USERNAME: { schema: text().optional(), about: 'Integration user, for the OAuth JWT bearer flow.' },
  SF_PRIVATE_KEY: {
    schema: text().optional(),
    about: 'Private key (PEM; line breaks may be written \\n), for JWT bearer.',
    secret: true,
  },
  SF_PRIVATE_KEY_FILE: { schema: text().optional(), about: 'File with the private key, readable by its owner only.' },
  SF_JWT_AUDIENCE: {
    schema: httpsUrl.optional(),
    about:
      'Audience of the JWT assertion, where the org refuses the origin of SF_LOGIN_URL: https://login.salesforce.com or https://test.salesforce.com.',
  },
  SF_FIELDS_FILE: {
    schema: text().optional(),
    about: 'JSON file that renames the custom fields, or names a currency field.',
  },
});

export const PUBSUB = define({
  SF_PUBSUB_ENDPOINT: {
    schema: hostAndPort,
    fallback: 'api.pubsub.salesforce.com:7443',
    about: 'Host and port of the Pub/Sub API.',
  },
  SF_PUBSUB_INSECURE: {
    schema: flag,
    fallback: 'false',
    about: 'Accept a self-signed certificate; refused unless the endpoint is loopback.',
  },
  SF_ORDER_CDC_CHANNEL: { schema: channel, fallback: '/data/OrderChangeEvent', about: 'Channel of Order changes.' },
  SF_ORDER_ITEM_CDC_CHANNEL: {
    schema: channel,
    fallback: '/data/OrderItemChangeEvent',
    about: 'Channel of OrderItem changes.',
  },
  SF_PRODUCT_CDC_CHANNEL: {
    schema: channelOrNone,
    fallback: '/data/Product2ChangeEvent',
    about: 'Channel of Product2 changes; none: nobody listens, and the cached catalog lives out its time.',
  },
  SF_PRICEBOOK_ENTRY_CDC_CHANNEL: {
    schema: channelOrNone,
    fallback: '/data/PricebookEntryChangeEvent',
    about: 'Channel of PricebookEntry changes; none: as above.',
  },
  SF_PROVISION_EVENT_CHANNEL: {
    schema: channel.optional(),
    about: 'Set to /event/Order_Fulfilment_Requested__e for dual mode; unset, CDC alone provisions.',
  },
  SF_MANAGED_SUBSCRIPTION_ORDER: {
    schema: text().optional(),
    about:
      'Id or developer name of a ManagedEventSubscription for Order changes: Salesforce then keeps the checkpoint.',
  },
  SF_MANAGED_SUBSCRIPTION_ORDER_ITEM: {
    schema: text().optional(),
    about:
      'Id or developer name of a ManagedEventSubscription for OrderItem changes: Salesforce then keeps the checkpoint.',
  },
  SF_MANAGED_SUBSCRIPTION_PRODUCT: {
    schema: text().optional(),
    about:
      'Id or developer name of a ManagedEventSubscription for Product2 changes: Salesforce then keeps the checkpoint.',
  },
  SF_MANAGED_SUBSCRIPTION_PRICEBOOK_ENTRY: {
    schema: text().optional(),
    about:
      'Id or developer name of a ManagedEventSubscription for PricebookEntry changes: Salesforce then keeps the checkpoint.',
  },
  SF_MANAGED_SUBSCRIPTION_PROVISION_EVENT: {
    schema: text().optional(),
    about:
      'Id or developer name of a ManagedEventSubscription for the platform event (dual mode): Salesforce then keeps the checkpoint.',
  },
  SF_REPLAY_FROM: {
    schema: z.enum(['latest', 'earliest'], 'must be latest or earliest'),
    fallback: 'earliest',
    about: 'Where to begin without a checkpoint. 72 hours of repeats are harmless, a hole is not.',
  },
  SF_SILENCE_LIMIT: {
    schema: duration,
    fallback: '300 seconds',
    about: 'A stream silent for longer is dead and is opened anew.',
  },
});

export const POLICY = define({
  PROVISION_STATUSES: {
    schema: list,
    fallback: DEFAULT_PROVISION_STATUSES.join(','),
    about: 'Order statuses that ask for provisioning.',
  },
  REPROVISION_WAIT: { schema: duration, fallback: '30 days', about: 'How long a failed run waits for a person.' },
  RECONCILE_EVERY: {
    schema: duration,
    fallback: '15 minutes',
    about: 'How often the sweep looks for approved orders that no event told of.',
  },
  STUCK_AFTER: {
    schema: duration,
    fallback: '30 minutes',
    about: 'How old an orphaned Activating must be before the sweep takes it up.',
  },
});

export const CACHE_FIELDS = define({
  CUSTOMER_FACING_ORDER_FIELDS: {
    schema: list.optional(),
    about: 'Order fields whose change a customer can see, and so invalidates caches; see the README for the default.',
  },
});

export const WHMCS = define({
  WHMCS_API_URL: { schema: httpsUrl, about: 'https://…/includes/api.php' },
  WHMCS_API_IDENTIFIER: { schema: text(), about: 'Identifier of the API credentials.', secret: true },
  WHMCS_API_SECRET: { schema: text(), about: 'Secret of the API credentials.', secret: true },
  WHMCS_API_ACCESS_KEY: {
    schema: text().optional(),
    about: 'API access key, where the installation asks for one instead of a fixed IP.',
    secret: true,
  },
  WHMCS_PAYMENT_METHOD: {
    schema: text(),
    fallback: 'mailin',
    about: 'Payment method of new orders, in WHMCS’s system name.',
  },
  WHMCS_MARKER_FIELD: {
    schema: text(),
    fallback: 'Salesforce Order',
    about: 'Name of the hidden product custom field that holds the marker.',
  },
  WHMCS_TIMEOUT: { schema: duration, fallback: '30 seconds', about: 'Time limit of one call.' },
  WHMCS_QUIET_PERIOD: {
    schema: duration,
    fallback: '90 seconds',
    about: 'Wait after an ambiguous AddOrder before the look-up.',
  },
});

export const CALL_LIMITS = define({
  SF_MAX_CALLS_PER_SECOND: {
    schema: count.optional(),
    about: 'Calls to Salesforce that all workers together may begin in a second; unset, no limit.',
  },
  SF_MAX_CONCURRENT_CALLS: {
    schema: count.optional(),
    about: 'Calls to Salesforce that all workers together may have open at once; unset, no limit.',
  },
  WHMCS_MAX_CALLS_PER_SECOND: {
    schema: count.optional(),
    about: 'Calls to WHMCS that all workers together may begin in a second; unset, no limit.',
  },
  WHMCS_MAX_CONCURRENT_CALLS: {
    schema: count.optional(),
    about: 'Calls to WHMCS that all workers together may have open at once; unset, no limit.',
  },
});

export const REDIS = define({
  REDIS_URL: {
    schema: z.string().refine(isRedisUrl, 'must begin with redis:// or rediss://'),
    fallback: 'redis://127.0.0.1:6379',
    about: 'Redis of checkpoints, lease and caches.',
    secret: true,
  },
  REDIS_CLUSTER_URLS: {
    schema: list
      .refine(
        (urls) => urls.every(isRedisUrl),
        'must be a comma list of addresses that begin with redis:// or rediss://',
      )
      .optional(),
    about:
      'Instead of REDIS_URL: some nodes of a Redis Cluster, comma-separated. Login and TLS of the first hold for all nodes.',
    secret: true,
  },
});

export const TEMPORAL = define({
  TEMPORAL_TASK_QUEUE: {
    schema: text(),
    fallback: 'order-provisioning',
    about: 'Task queue of workflows and activities.',
  },
  TEMPORAL_CODEC_KEYS_FILE: {
    schema: text().optional(),
    about: 'JSON file with the keys that encrypt what Temporal keeps (docs/encryption.md), not readable by everybody.',
  },
});

export const CODEC_SERVER = define({
  CODEC_SERVER_ORIGINS: {
    schema: list,
    fallback: 'http://localhost:8233,http://127.0.0.1:8233',
    about: 'Origins of the Web UI that may ask for decoding, e.g. https://cloud.temporal.io.',
  },
  CODEC_SERVER_TOKEN: {
    schema: bearerToken.optional(),
    about: 'Bearer token (16 characters or more) that whoever asks must send; required beyond loopback.',
    secret: true,
  },
});

/** What one worker takes on at once (docs/scaling.md). */
export const WORKER_SIZE = define({
  WORKER_MAX_ACTIVITIES: {
    schema: count,
    fallback: '50',
    about: 'Activities that one worker has in hand at once; each waits for a vendor most of the time.',
  },
  WORKER_MAX_WORKFLOW_TASKS: {
    schema: severalOrMore,
    fallback: '40',
    about: 'Workflow tasks that one worker has in hand at once; each is some milliseconds of its processor.',
  },
  WORKER_ACTIVITY_POLLERS: {
    schema: count.optional(),
    about: 'Polls for activities that one worker has open; unset, 10, or WORKER_MAX_ACTIVITIES where that is less.',
  },
  WORKER_WORKFLOW_TASK_POLLERS: {
    schema: severalOrMore.optional(),
    about:
      'Polls for workflow tasks that one worker has open; unset, 10, or WORKER_MAX_WORKFLOW_TASKS where that is less.',
  },
});

export const DEPLOYMENT = define({
  WORKER_DEPLOYMENT_NAME: {
    schema: text().optional(),
    about: 'With WORKER_BUILD_ID: the worker is a version of this deployment (Temporal worker versioning).',
  },
  WORKER_BUILD_ID: { schema: text().optional(), about: 'Build of this worker, e.g. the commit it was built from.' },
});

export const PROCESS = define({
  HTTP_HOST: { schema: text(), fallback: '127.0.0.1', about: 'Address to serve HTTP on.' },
  HTTP_PORT: {
    schema: port,
    about: 'Port to serve HTTP on; 9464 listener, 9465 worker, 8080 portal, 8081 codec server.',
  },
  LOG_LEVEL: {
    schema: z.enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace'],
      'must be fatal, error, warn, info, debug or trace',
    ),
    fallback: 'info',
    about: 'Least severe log line to write.',
  },
});

/** Read by the OpenTelemetry SDK too, with all its other OTEL_* variables. */
export const TRACING = define({
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: text().optional(),
    about: 'OTLP/HTTP address of a collector, e.g. http://127.0.0.1:4318. Set, traces are sent; unset, tracing is off.',
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
    schema: text().optional(),
    about: 'The same for traces alone, with its path. The other standard OTEL_* variables hold too.',
  },
  OTEL_SDK_DISABLED: { schema: flag, fallback: 'false', about: 'Turns tracing off whatever else is set.' },
});
