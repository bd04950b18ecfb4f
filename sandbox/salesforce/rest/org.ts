/** A user who may log in. */
export interface OrgUser {
  /** 18-character id of the User record. */
  id: string;
  username: string;
  /** For SOAP logins and the password grant; undefined: this user cannot log in by password. */
  password?: string;
  /** Appended to the password, as from an address that the org does not trust; the password alone is accepted too. */
  securityToken?: string;
  name?: string;
  email?: string;
}

/** A connected app: what may log in, and how. */
export interface ConnectedApp {
  /** Consumer key. */
  clientId: string;
  /** Consumer secret; undefined: no flow that needs one. */
  clientSecret?: string;
  /** Who a client-credentials login runs as; undefined: that flow is off. */
  runAsUsername?: string;
  /** PEM certificates or public keys by which JWT assertions are checked; more than one while a key is rotated. */
  publicKeys?: readonly string[];
  /** Users whom an administrator approved for the JWT flow; default: all. */
  approvedUsernames?: readonly string[];
}

export interface OrgConfig {
  /** 18-character id, 00D... */
  orgId: string;
  users: OrgUser[];
  connectedApps: ConnectedApp[];
  /** Audiences of a JWT besides the server's own URL and Salesforce's two login hosts. */
  jwtAudiences?: readonly string[];
}

/** Salesforce compares usernames without regard to case. */
export function userNamed(org: OrgConfig, username: unknown): OrgUser | undefined {
  if (typeof username !== 'string') return undefined;
  return org.users.find((user) => user.username.toLowerCase() === username.toLowerCase());
}

/** Whether `given` is the user's password, with or without the security token. */
export function passwordMatches(user: OrgUser, given: unknown): boolean {
  const { password, securityToken } = user;
  return (
    password !== undefined &&
    (given === password || (securityToken !== undefined && given === password + securityToken))
  );
}
