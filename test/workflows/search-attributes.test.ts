import { ensureSearchAttributes } from '../../src/temporal/search-attributes';
import { createTimeSkippingEnvironment } from '../support/servers';

it('a server that lets nobody but its operators look at search attributes does not keep the worker from starting', async () => {
  // The time-skipping server cannot list them, and says so as Temporal Cloud does to an application's identity.
  const environment = await createTimeSkippingEnvironment();
  try {
    expect(await ensureSearchAttributes(environment.client)).toEqual({ created: [], refused: true });
  } finally {
    await environment.teardown();
  }
});
