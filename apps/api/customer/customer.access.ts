import type { Access } from '@rapport/platform';

/** Recording what happened: systems and the people who serve the customer. */
export const RECORD: Access = { roles: ['service', 'rep'], scope: 'customers:write' };
/** Putting details right: stewards as well. */
export const CORRECT: Access = { roles: ['service', 'rep', 'steward'], scope: 'customers:write' };
/** The batch route: each item is checked against its own command besides. */
export const RECORD_ANY: Access = { roles: ['service', 'rep', 'steward'], scope: 'customers:write' };
/** Acting against the rules or for ever: stewards. */
export const OVERRIDE: Access = { roles: ['steward'], scope: 'customers:write' };
/** Handing a person all that is kept about them. */
export const EXPORT: Access = { roles: ['steward'], scope: 'customers:export' };
export const ERASE: Access = { roles: ['steward'], scope: 'customers:erase' };
/** Finding people by what they are called: who sees names masked could read them off by asking for one after the other. */
export const FIND_PEOPLE: Access = { roles: ['service', 'rep', 'steward'], scope: 'customers:read' };
/** Giving many customers to another account manager at once. */
export const HAND_OVER: Access = { roles: ['service', 'steward'], scope: 'customers:write' };
/** Seeing one customer. */
export const READ: Access = { roles: ['service', 'rep', 'analyst', 'steward'], scope: 'customers:read' };
/** Scores, lists and totals. */
export const READ_FIGURES: Access = { roles: ['rep', 'analyst', 'steward'], scope: 'figures:read' };
/** Products, campaigns, goals: what customers are measured and addressed by. */
export const CATALOGUE: Access = { roles: ['service', 'steward'], scope: 'catalogue:write' };
/** The rules every decision goes by. */
export const PUBLISH_RULES: Access = { roles: ['steward'], scope: 'rules:publish' };
