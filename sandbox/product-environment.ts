import { join } from 'node:path';

/** A file of Temporal profiles that says nothing. */
export const NO_PROFILES = join(__dirname, 'no-profiles.toml');

/**
 * The environment that configures the product, by prefix: the sandbox does not know the product's own table. A test holds this
 * against every variable of .env.example.
 */
const PRODUCT =
  /^(SF|WHMCS|REDIS|TEMPORAL|PORTAL|CODEC_SERVER|CACHE|WORKER|OTEL)_|^(HTTP_HOST|HTTP_PORT|LOG_LEVEL|PROVISION_STATUSES|CUSTOMER_FACING_ORDER_FIELDS|REPROVISION_WAIT|RECONCILE_EVERY|STUCK_AFTER|NODE_TLS_REJECT_UNAUTHORIZED)$/;
/** Of the set-up and of the conformance tests, not of the product. */
const OURS = /^(TEMPORAL_CLI_PATH|TEMPORAL_TEST_SERVER_PATH|REDIS_SERVER_PATH|WHMCS_CONFORMANCE_\w+)$/;

export function isProductVariable(name: string): boolean {
  return PRODUCT.test(name) && !OURS.test(name);
}

/**
 * What must be laid over this process's environment so that a process started with it has none of its user's settings for
 * another installation: an exported production file must neither turn a sandbox into something else nor be reached by it.
 * The user's file of Temporal profiles counts too.
 */
export function withoutProductVariables(
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string | undefined> {
  const names = Object.keys(environment).filter(isProductVariable);
  return { ...Object.fromEntries(names.map((name) => [name, undefined])), TEMPORAL_CONFIG_FILE: NO_PROFILES };
}
