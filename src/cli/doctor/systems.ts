/** What a doctor examines, in the order of its report. */
export const SYSTEMS = ['salesforce', 'whmcs', 'redis', 'temporal'] as const;
export type System = (typeof SYSTEMS)[number];
