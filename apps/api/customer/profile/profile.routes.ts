import {
  AccountManagerAssigned, AccountManagerReleased, CustomerDetailsCorrected, CustomerErased, CustomerGrouped, CustomerRegistered,
  IdentifierAdded, IdentifierRemoved, NeedLevelAssessed, PartyLinked, PreferenceSet, ProfileFactRecorded, schema,
  type EventContract,
} from '@rapport/contracts'; // prettier-ignore
import type { TObject, TProperties } from '@sinclair/typebox';
import { fieldsOf, type CommandRoute } from '../../http/command-route.js';
import { CORRECT, ERASE, RECORD } from '../customer.access.js';

/** `POST /v1/customers`: the only write that is not addressed to a customer. */
export const REGISTRATION: CommandRoute = {
  path: '',
  command: 'RegisterCustomer',
  fields: fieldsOf(CustomerRegistered, { omit: ['acquisitionChannel', 'implicit'] }),
  access: RECORD,
  summary: 'Register a customer; the channel is how they came',
};

/** The event's `type` is called `identifierType`: a command's own type is its name. */
const identifierFields = (contract: EventContract): TObject => {
  const { type, ...others } = fieldsOf(contract).properties as TProperties;
  return schema.object({ ...others, identifierType: type! });
};

export const PROFILE_ROUTES: readonly CommandRoute[] = [
  { path: 'corrections', command: 'CorrectCustomerDetails', fields: fieldsOf(CustomerDetailsCorrected), access: CORRECT, summary: 'Correct details; takes If-Match' },
  { path: 'identifiers', command: 'AddIdentifier', fields: identifierFields(IdentifierAdded), ownId: 'identifierId', access: CORRECT, summary: 'Add an identifier' },
  { path: 'identifier-removals', command: 'RemoveIdentifier', fields: identifierFields(IdentifierRemoved), access: CORRECT, summary: 'Remove an identifier' },
  { path: 'groups', command: 'AssignCustomerGroup', fields: fieldsOf(CustomerGrouped), access: CORRECT, summary: 'Put the customer into a group' },
  { path: 'account-manager', command: 'AssignAccountManager', fields: fieldsOf(AccountManagerAssigned, { omit: ['previousManagerId'] }), access: RECORD, summary: 'Assign an account manager' },
  { path: 'account-manager-releases', command: 'ReleaseAccountManager', fields: fieldsOf(AccountManagerReleased), access: RECORD, summary: 'Release the account manager' },
  { path: 'need-levels', command: 'SetNeedLevel', fields: fieldsOf(NeedLevelAssessed, { omit: ['previousLevel', 'assessorId'] }), access: RECORD, summary: 'Assess the level of need (1-6)' },
  { path: 'profile-facts', command: 'RecordProfileFact', fields: fieldsOf(ProfileFactRecorded), access: RECORD, summary: 'Record a fact about the person' },
  { path: 'preferences', command: 'RecordPreference', fields: fieldsOf(PreferenceSet), access: RECORD, summary: 'Record a preference' },
  { path: 'parties', command: 'LinkParty', fields: fieldsOf(PartyLinked), access: CORRECT, summary: 'Link another party' },
  { path: 'erasure', command: 'EraseCustomer', fields: fieldsOf(CustomerErased), defaults: { keptForLaw: [] }, access: ERASE, summary: 'Forget the person: destroys the data key, for ever' },
]; // prettier-ignore
