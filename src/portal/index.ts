export { buildPortal, REQUEST_LIMIT_MS, type PortalDeps } from './portal';
export { refuseOpenPortal, type JwtAccess, type PortalAccess } from './access';
