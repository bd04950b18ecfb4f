import { join } from 'node:path';
import { componentsBelow, filesBelow, list, parseXml, PROJECT, textOf } from './source';

/** A manifest names what one command deploys; a name too many fails it, a name too few leaves a hole. */
const components = new Set(componentsBelow('force-app').map(({ type, fullName }) => `${type}:${fullName}`));

function named(file: string): string[] {
  const { root, content } = parseXml(join(PROJECT, 'manifest', file));
  expect(root).toBe('Package');
  expect(textOf(content, 'version')).toMatch(/^\d\d\.0$/);
  return list(content, 'types').flatMap((type) => {
    const members = typeof type === 'string' ? [] : list(type, 'members');
    return members.map((member) => `${textOf(type, 'name')}:${member as string}`);
  });
}

const DUAL_ONLY = /Order_Fulfil|Requests$/;
const ENRICHED = /Order_Enriched/;
const DOCTOR = /Doctor$/;

test('CDC only: everything but the event, its flow and its permissions', () => {
  const expected = [...components].filter((name) => ![DUAL_ONLY, ENRICHED, DOCTOR].some((kind) => kind.test(name)));
  expect(named('package-cdc.xml').sort()).toEqual(expected.sort());
});

test('dual: the same, with the event, its flow and its permissions', () => {
  const expected = [...components].filter((name) => ![ENRICHED, DOCTOR].some((kind) => kind.test(name)));
  expect(named('package-dual.xml').sort()).toEqual(expected.sort());
});

test('every component is in a manifest, and every manifest names only what is there', () => {
  const all = filesBelow('manifest').flatMap((file) => named(file.slice(join(PROJECT, 'manifest').length + 1)));
  expect([...new Set(all)].sort()).toEqual([...components].sort());
});
