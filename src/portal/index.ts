export { buildPortal, type PortalDeps } from './portal';
export { refuseOpenPortal, type JwtAccess, type PortalAccess } from './access';
