import { clusterLogin, redisHosts } from '../../src/domain/redis-address';

it('names hosts and ports for people, and never a password', () => {
  expect(redisHosts('redis://user:hunter2@cache.example:6380/1')).toBe('cache.example:6380');
  expect(redisHosts(['redis://:hunter2@a', 'redis://:hunter2@b:7001'])).toBe('a:6379, b:7001');
});

it('has from the first seed what the other nodes need', () => {
  expect(clusterLogin(['redis://a', 'redis://:x@b'])).toEqual({ tls: false });
  expect(clusterLogin(['rediss://app:p%40ss@a'])).toEqual({ username: 'app', password: 'p@ss', tls: true });
  expect(clusterLogin(['redis://:p%40ss@a'])).toEqual({ password: 'p@ss', tls: false });
});
