import type { Action } from '../action';
import { VERSION } from './whmcs-details';

/** GetAdminDetails: the usual call to try credentials with. */
export const getAdminDetails: Action = ({ store }) => ({
  adminid: 1,
  name: 'Site Admin',
  notes: '',
  signature: '',
  allowedpermissions: 'API Access,View Orders,Add New Order,View Clients Products/Services,Perform Server Operations',
  departments: ',1,',
  requesttime: store.timestamp(),
  whmcs: VERSION,
});
