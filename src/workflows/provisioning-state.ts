import type { Phase, ProvisioningStatus } from './contract';
import type { Trigger } from '../domain/order';

/**
 * Where an order is on its path.
 *
 * Loading            reading the order and judging it; the run's own claim (`Activating` in Salesforce) is made here
 * Activating         claimed: Salesforce says `Activating`, WHMCS has not been asked for anything yet
 * AddingOrder        looking for the marked WHMCS order, adding it where there is none
 * AcceptingOrder     AcceptOrder, the commit point
 * WritingBack        WHMCS has it; Salesforce is being told
 * Activated          done on both sides (the caches may still be on their way)
 * AwaitingReprovision a person must act; the run waits
 * Skipped, Cancelled, Abandoned   the run ends: guards said no; somebody said no; nobody came
 *
 * A run may begin its path again from every phase where it rests, so the last five lead back to Loading.
 */
const NEXT: Record<Phase, readonly Phase[]> = {
  Loading: ['Loading', 'Skipped', 'Activating', 'WritingBack', 'Activated', 'AwaitingReprovision', 'Cancelled'],
  Activating: ['Loading', 'AddingOrder', 'WritingBack', 'AwaitingReprovision', 'Cancelled'],
  AddingOrder: ['Loading', 'AcceptingOrder', 'WritingBack', 'AwaitingReprovision', 'Cancelled'],
  AcceptingOrder: ['Loading', 'WritingBack', 'AwaitingReprovision', 'Cancelled'],
  WritingBack: ['Activated', 'AwaitingReprovision'],
  Activated: ['Loading', 'Activated'],
  Skipped: ['Loading'],
  AwaitingReprovision: ['Loading', 'WritingBack', 'AwaitingReprovision', 'Cancelled', 'Abandoned'],
  Cancelled: ['Loading'],
  Abandoned: ['Loading'],
};

/** Transitions kept for the `status` query: enough to read a story, bounded however long a run lives. */
const HISTORY_LIMIT = 50;

export type Status = Omit<ProvisioningStatus, 'orderId'>;

/** @throws Error where the transition is none of the state machine's: a defect, and better a stuck task than a wrong bill. */
export function transition(status: Status, phase: Phase, at: Date, note?: string): void {
  if (!NEXT[status.phase].includes(phase)) {
    throw new Error(`An order cannot go from ${status.phase} to ${phase}`);
  }
  status.phase = phase;
  remember(status, at, note);
}

/** Adds to what the `status` query tells, in the phase as it is; the oldest is forgotten. */
export function remember(status: Status, at: Date, note?: string): void {
  status.history.push({ phase: status.phase, at: at.toISOString(), ...(note === undefined ? {} : { note }) });
  if (status.history.length > HISTORY_LIMIT) status.history.splice(0, status.history.length - HISTORY_LIMIT);
}

export function initialStatus(trigger: Trigger, at: Date): Status {
  return {
    phase: 'Loading',
    attempt: 0,
    trigger,
    whmcsOrderId: null,
    lastError: null,
    skipped: null,
    history: [{ phase: 'Loading', at: at.toISOString() }],
  };
}
