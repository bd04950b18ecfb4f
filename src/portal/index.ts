export { buildPortal, type FailedRead, type PortalDeps } from './portal';
export { registerPortalMetrics } from './metrics';
export { type JwtAccess, type PortalAccess } from './access';
