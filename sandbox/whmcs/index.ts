/** The WHMCS emulator, for tests and for the sandbox. See README.md. */
export { DEFAULT_CREDENTIALS, startWhmcs, type WhmcsEmulator, type WhmcsOptions } from './server';
export { client, defaultSeed, MARKER_FIELD_NAME, markerField, product } from './seed';
export { invoiceOf, ordersByMarker } from './marked-orders';
export type { Credentials } from './access';
export type { ListShape } from './answer';
export type { BarrierPoint, Reached } from './barriers';
export type { Client, CustomField, Invoice, Order, Product, Service } from './entities';
export { FAULT_KINDS, type Fault, type FaultKind } from './fault-kinds';
export type { ActiveFault, Faults } from './faults';
export type { Ledger, LedgerCall, LedgerChange, LedgerEntry } from './ledger';
export type { Seed, Settings, Store } from './store';
