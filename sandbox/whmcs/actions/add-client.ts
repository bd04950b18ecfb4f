import { BusinessError, type Action } from '../action';

/** The fields that AddClient insists on, with what it says if one is missing, in the order of its checks. */
const REQUIRED: [name: string, message: string][] = [
  ['firstname', 'You did not enter your first name'],
  ['lastname', 'You did not enter your last name'],
  ['email', 'You did not enter your email address'],
  ['address1', 'You did not enter your address line 1'],
  ['city', 'You did not enter your city'],
  ['state', 'You did not enter your state'],
  ['postcode', 'You did not enter your postcode'],
  ['phonenumber', 'You did not enter your phone number'],
];

/** AddClient. With `skipvalidation` only the e-mail address is checked. */
export const addClient: Action = ({ store, params }) => {
  for (const [name, message] of REQUIRED) {
    const checked = name === 'email' || !params.flag('skipvalidation');
    if (checked && params.text(name).trim() === '') throw new BusinessError(message);
  }
  const email = params.text('email');
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email)) throw new BusinessError('The email address you entered was not valid');
  if (!params.flag('skipvalidation') && !/^[A-Z]{2}$/.test(params.text('country'))) {
    throw new BusinessError('Valid country required');
  }
  if ([...store.clients.values()].some((client) => client.email.toLowerCase() === email.toLowerCase())) {
    throw new BusinessError('A user already exists with that email address');
  }
  const currency = params.int('currency');
  const id = store.nextId('client');
  store.putClient({
    id,
    firstname: params.text('firstname'),
    lastname: params.text('lastname'),
    companyname: params.text('companyname'),
    email,
    address1: params.text('address1'),
    city: params.text('city'),
    state: params.text('state'),
    postcode: params.text('postcode'),
    country: params.text('country'),
    phonenumber: params.text('phonenumber'),
    currency: store.currencies.has(currency) ? currency : store.currencyOf(undefined).id,
    status: 'Active',
    datecreated: store.today(),
  });
  return { clientid: id, owner_id: id };
};
