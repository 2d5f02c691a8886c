/**
 * Who calls. Roles say what a caller may do; scopes narrow a service down to parts of it.
 * - service: an internal system that records what happened and reads its customers
 * - rep: an account manager or agent
 * - analyst: reads figures and histories, personal values masked
 * - operations: projections and rebuilds; never payloads
 * - steward: corrects, overrides, erases, publishes rules
 * - owner: everything; the local token of the embedded server
 */
export const ACCESS_ROLES = ['service', 'rep', 'analyst', 'operations', 'steward', 'owner'] as const;
export type AccessRole = (typeof ACCESS_ROLES)[number];

/** Scopes a token may carry; a route asks for one of them. `*` stands for all. */
export const ACCESS_SCOPES = [
  'customers:write', 'customers:read', 'customers:erase', 'customers:export', 'catalogue:write', 'rules:publish', 'figures:read', 'models:run', 'operations',
] as const; // prettier-ignore
export type AccessScope = (typeof ACCESS_SCOPES)[number];

export interface Principal {
  /** Who: a system's name, an employee's id. Also the default `sourceSystem` of what it records. */
  readonly subject: string;
  readonly roles: readonly AccessRole[];
  readonly scopes: readonly (AccessScope | '*')[];
}

/** Who may do one thing. A caller needs one of the roles and the scope. */
export interface Access {
  readonly roles: readonly AccessRole[];
  readonly scope: AccessScope;
}

/** True when the caller may; the owner always may. */
export const mayAccess = (principal: Principal, access: Access): boolean =>
  (principal.roles.includes('owner') || access.roles.some((role) => principal.roles.includes(role))) &&
  (principal.scopes.includes('*') || principal.scopes.includes(access.scope));

/** True when personal values may be shown to the caller; everybody else sees them masked. */
export const maySeePersonalValues = (principal: Principal): boolean =>
  principal.roles.some((role) => role === 'owner' || role === 'steward' || role === 'rep' || role === 'service'); // prettier-ignore

/** Scopes a token of one role gets when none are asked for. */
export const SCOPES_OF_ROLE: Readonly<Record<AccessRole, readonly (AccessScope | '*')[]>> = {
  service: ['customers:write', 'customers:read', 'catalogue:write'],
  rep: ['customers:write', 'customers:read', 'figures:read'],
  analyst: ['customers:read', 'figures:read', 'models:run'],
  operations: ['operations'],
  steward: [
    'customers:write',
    'customers:read',
    'customers:erase',
    'customers:export',
    'catalogue:write',
    'rules:publish',
    'figures:read',
  ],
  owner: ['*'],
};
