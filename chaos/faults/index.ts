import type { Fault } from '../plan';
import { killFaults } from './kills';
import { processFaults } from './processes';
import { rareCallFaults } from './rare-calls';
import { serverFaults } from './servers';
import { streamFaults } from './streams';
import type { Stage, Strikes, Struck } from './strike';
import { vendorFaults } from './vendors';

const ALL: Strikes<Fault['kind']> = {
  ...processFaults,
  ...killFaults,
  ...rareCallFaults,
  ...serverFaults,
  ...streamFaults,
  ...vendorFaults,
};

/** Lets a fault happen. @throws what the world throws when it cannot be done */
export function strike(fault: Fault, stage: Stage): Promise<Struck> {
  const byKind = ALL as Record<string, (fault: Fault, stage: Stage) => Promise<Struck>>;
  return byKind[fault.kind]!(fault, stage);
}
