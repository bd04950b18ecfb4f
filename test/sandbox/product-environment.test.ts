import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_PROFILES, isProductVariable, withoutProductVariables } from '../../sandbox/product-environment';

const example = readFileSync(join(__dirname, '..', '..', '.env.example'), 'utf8');
const documented = [...example.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name!);

test('every variable of the product is known as one, and none that the machine or the set-up needs', () => {
  expect(documented.length).toBeGreaterThan(50);
  expect(documented.filter((name) => !isProductVariable(name))).toEqual([]);
  const others = ['PATH', 'HOME', 'HTTPS_PROXY', 'JAVA_HOME', 'NODE_OPTIONS', 'ORDER_PROVISIONING_CACHE'];
  const setUp = [
    'TEMPORAL_CLI_PATH',
    'TEMPORAL_TEST_SERVER_PATH',
    'REDIS_SERVER_PATH',
    'CHROMIUM_PATH',
    'TOXIPROXY_PATH',
  ];
  expect([...others, ...setUp, 'WHMCS_CONFORMANCE_URL'].filter(isProductVariable)).toEqual([]);
});

test('what is set of it is unset, and the user’s profiles of Temporal are no part', () => {
  const environment = { PATH: '/bin', SF_USERNAME: 'someone', TEMPORAL_API_KEY: 'key' };
  expect(withoutProductVariables(environment)).toEqual({
    SF_USERNAME: undefined,
    TEMPORAL_API_KEY: undefined,
    TEMPORAL_CONFIG_FILE: NO_PROFILES,
  });
});

test('a run of the tests knows nothing of what its caller had exported', () => {
  const set = Object.keys(process.env).filter(isProductVariable);
  expect(set).toEqual(['TEMPORAL_CONFIG_FILE']);
});
