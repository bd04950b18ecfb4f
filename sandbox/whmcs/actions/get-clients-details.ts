import { BusinessError, PhpList, type Action } from '../action';

/** GetClientsDetails by id or e-mail address. The fields are there twice: at the top, which is deprecated, and under `client`. */
export const getClientsDetails: Action = ({ store, params }) => {
  const id = params.int('clientid');
  const email = params.text('email').toLowerCase();
  if (id === 0 && email === '') throw new BusinessError('Either clientid Or email Is Required');
  const found =
    id === 0
      ? [...store.clients.values()].find((candidate) => candidate.email.toLowerCase() === email)
      : store.clients.get(id);
  if (found === undefined) throw new BusinessError('Client Not Found');
  const { id: clientId, ...client } = found;
  const fields = {
    client_id: clientId,
    owner_user_id: clientId,
    userid: clientId,
    id: clientId,
    ...client,
    fullname: `${found.firstname} ${found.lastname}`,
    fullstate: found.state,
    countrycode: found.country,
    address2: '',
    credit: '0.00',
    groupid: 0,
    defaultgateway: '',
    currency_code: store.currencyOf(found).code,
    lastlogin: 'No Login Logged',
  };
  const users = new PhpList('user', [{ id: clientId, name: fields.fullname, email: found.email, is_owner: true }]);
  return { ...fields, client: { ...fields, users } };
};
