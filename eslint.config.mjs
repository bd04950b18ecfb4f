import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';
import { importX } from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';

/** Imports point one way. Each entry: a room, and the rooms it must not look into. */
const arrows = [
  ['src', ['sandbox', 'bench', 'chaos', 'test']],
  ['sandbox', ['src', 'bench', 'chaos', 'test']],
  // What judges the product must not share its mistakes.
  ['chaos', ['src', 'bench', 'test']],
  ['src/domain', ['src/!(domain)']],
  ['src/workflows', ['src/!(domain|workflows|activities)']],
  ['src/salesforce', ['src/!(domain|salesforce)']],
  ['src/whmcs', ['src/!(domain|whmcs)']],
  ['src/cache', ['src/!(domain|cache|limits)']],
  ['src/limits', ['src/!(domain|limits)']],
  ['src/listener', ['src/!(domain|listener|salesforce|cache|limits|temporal|workflows|observability)']],
  ['src/activities', ['src/!(domain|activities|salesforce|whmcs|cache|temporal|workflows|observability)']],
  ['src/codec-server', ['src/!(codec-server|limits)']],
  ['src/cli/story', ['src/cli/commands', 'src/cli/doctor']],
  ['src/cli/doctor', ['src/cli/commands', 'src/cli/story']],
  ['src/portal', ['src/!(domain|portal|cache|limits|observability)']],
];

const PUBSUB_CLIENT = {
  name: 'salesforce-pubsub-api-client',
  message: 'Only src/listener/subscription may use the client: it makes it safe.',
};
const NODE_BUILT_INS = {
  regex: `^(node:|(${builtinModules.join('|')})(/|$))`,
  message: 'Workflow code is deterministic: no Node built-ins.',
};

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules', '.cache', 'docs'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-restricted-paths': [
        'error',
        {
          zones: arrows.map(([target, from]) => ({ target: `./${target}`, from: from.map((f) => `./${f}/**/*`) })),
        },
      ],
      'import-x/no-cycle': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/listener/subscription/**'],
    rules: { 'no-restricted-imports': ['error', { paths: [PUBSUB_CLIENT] }] },
  },
  {
    // A later block replaces the options of an earlier one, so all of them are here.
    files: ['src/workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: [PUBSUB_CLIENT], patterns: [NODE_BUILT_INS] }],
      'no-restricted-globals': [
        'error',
        { name: 'setTimeout', message: 'Use sleep from @temporalio/workflow, with a summary.' },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'sandbox/**/*.ts', 'bench/**/*.ts', 'chaos/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', 'max-lines': ['error', { max: 400 }] },
  },
);
