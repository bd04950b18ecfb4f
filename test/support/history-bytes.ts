import type { Client } from '@temporalio/client';

/** A text or payload in a raw history, and where it stands: `events.4.activityTaskScheduledEventAttributes.input…`. */
export interface Found {
  path: string;
  /** Bytes as Latin-1. */
  text: string;
}

/** Every text of a run's history as Temporal keeps it: nothing is decoded. */
export async function rawHistory(client: Client, workflowId: string): Promise<Found[]> {
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  return textsIn(history.events ?? [], 'events');
}

function textsIn(value: unknown, path: string): Found[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (value instanceof Uint8Array) return [{ path, text: Buffer.from(value).toString('latin1') }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => textsIn(inner, `${path}.${name}`));
}
