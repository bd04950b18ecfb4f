/**
 * What Salesforce keeps of a cancel, in `Activation_Error_Message__c` beside the code `CANCELLED`: when it was asked for, and why.
 * The time is what the guard holds an approval against, so it comes first, where no field is too short for it.
 */
export function cancelMessage(at: number, note: string): string {
  return `${new Date(at).toISOString()} ${note}`;
}

/** The time with which the message of a cancel begins, epoch ms. Nothing else of a message leaves the record. */
export function cancelTimeOf(message: unknown): number | undefined {
  const time = typeof message === 'string' ? /^\d{4}-\d\d-\d\dT[\d:.]+Z(?= )/.exec(message)?.[0] : undefined;
  const ms = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isFinite(ms) ? ms : undefined;
}
