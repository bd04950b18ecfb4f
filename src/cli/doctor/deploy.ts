/**
 * Repairs by deployment. Never of `salesforce/` as a whole: it also holds the flow of dual mode, the enriched channel, and app templates
 * with values that are yet to be filled in.
 */
const deployed = (manifest: string, permissionSet: string): string =>
  `Deploy salesforce/manifest/${manifest} and assign its permission set ${permissionSet} to the integration user`;

/** Fields and rights that every installation needs; no full stop, so that a check may go on. */
export const DEPLOY_FIELDS = deployed('package-cdc.xml', 'Order_Provisioning');

/** The platform event of dual mode, and the right to it. */
export const DEPLOY_EVENT = deployed('package-dual.xml', 'Order_Provisioning_Requests');
