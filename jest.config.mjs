/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // A time-out finds what hangs; a busy machine must not be taken for that. A skipped day holds hundreds of real attempts.
  testTimeout: 240_000,
  // Suites wait for processes and servers of their own about a quarter of their time: three keep two processors busy.
  maxWorkers: 3,
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
};
