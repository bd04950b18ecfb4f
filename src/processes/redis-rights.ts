/** For a person who reads the log: Redis named the command in the error beside it. */
export const REDIS_RIGHTS =
  'the user of REDIS_URL lacks a right in Redis; docs/redis-acl.md has what each process needs';
