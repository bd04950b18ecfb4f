import { ProvisioningFailure } from '../../domain/failure';
import { warn, type Finding } from './check';

/** Deploys the permission set that the doctor's own questions ask for; nothing else needs it (docs/salesforce-setup.md). */
const PACKAGE = 'deploy salesforce/manifest/package-doctor.xml and assign Order_Provisioning_Doctor';

/**
 * What to say where Salesforce did not tell `what`, which takes View Setup and Configuration: the integration user need not have it,
 * so it is a warning. Pure.
 * @param elsewhere where in Setup a person finds it
 */
export function untold(what: string, elsewhere: string, vendorCode?: string): Finding {
  const why = vendorCode === undefined ? 'Salesforce does not tell' : 'the integration user may not see';
  const code = vendorCode === undefined ? '' : `: ${vendorCode}`;
  return warn(`${why} ${what}${code}`, `To have it checked, ${PACKAGE}; or look at Setup, ${elsewhere}.`);
}

/** {@link untold} where Salesforce refuses the question for good; any other failure goes on. */
export async function unlessRefused(
  question: () => Promise<Finding>,
  what: string,
  elsewhere: string,
): Promise<Finding> {
  try {
    return await question();
  } catch (error) {
    if (!(error instanceof ProvisioningFailure) || error.kind !== 'permanent') throw error;
    return untold(what, elsewhere, error.vendorCode ?? error.code);
  }
}
