import { page, PhpList, type Action } from '../action';

/** GetClients, searched by the beginning of a name or e-mail address. */
export const getClients: Action = ({ store, params }) => {
  const search = params.text('search').toLowerCase();
  const status = params.text('status').toLowerCase();
  const direction = params.text('sorting').toUpperCase() === 'DESC' ? -1 : 1;
  const matching = [...store.clients.values()]
    .filter((client) => status === '' || client.status.toLowerCase() === status)
    .filter((client) =>
      [
        client.email,
        client.firstname,
        client.lastname,
        `${client.firstname} ${client.lastname}`,
        client.companyname,
      ].some((text) => text.toLowerCase().startsWith(search)),
    )
    .sort((a, b) => direction * (a.id - b.id));
  const { items, ...counts } = page(params, matching);
  const rows = items.map(({ id, firstname, lastname, companyname, email, datecreated, status: state }) => ({
    id,
    firstname,
    lastname,
    companyname,
    email,
    datecreated,
    groupid: 0,
    status: state,
  }));
  return { ...counts, clients: new PhpList('client', rows) };
};
