import {
  AccountManagerAssigned, AccountManagerReleased, ClassificationReleased, CustomerClassified, CustomerDetailsCorrected, CustomerErased, CustomerGrouped,
  CustomerRegistered, DataQualityAssessed, DataStewardAppointed, IdentifierAdded, IdentifierRemoved, NeedLevelAssessed, PartyLinked,
  PartyUnlinked, PreferenceSet, ProfileFactRecorded, RolesChanged, schema, ServiceLevelSet, StrategicAccountDesignated,
  StrategicAccountWithdrawn, type EventContract,
} from '@rapport/contracts'; // prettier-ignore
import { Type, type TObject, type TProperties } from '@sinclair/typebox';
import { fieldsOf, type CommandRoute } from '../../http/command-route.js';
import { CORRECT, ERASE, RECORD } from '../customer.access.js';

/** `POST /v1/customers`: the only write that is not addressed to a customer. */
export const REGISTRATION: CommandRoute = {
  path: '',
  command: 'RegisterCustomer',
  fields: fieldsOf(CustomerRegistered, { omit: ['acquisitionChannel', 'implicit', 'malformedIdentifiers'] }),
  needsChannel: true,
  access: RECORD,
  summary: 'Register a customer; the channel is how they came',
};

/** The event's `type` is called `identifierType`: a command's own type is its name. */
const identifierFields = (contract: EventContract): TObject => {
  const { type, ...others } = fieldsOf(contract, { omit: ['malformed'] }).properties as TProperties;
  return schema.object({ ...others, identifierType: type! });
};

const assignment = schema.object({
  ...fieldsOf(AccountManagerAssigned, { omit: ['previousManagerId', 'handOverId'] }).properties,
  replacing: Type.Optional(schema.code('assign only while this account manager is responsible')),
});

export const PROFILE_ROUTES: readonly CommandRoute[] = [
  { path: 'corrections', command: 'CorrectCustomerDetails', fields: fieldsOf(CustomerDetailsCorrected, { omit: ['malformedFields'] }), access: CORRECT, summary: 'Correct details; takes If-Match' },
  { path: 'identifiers', command: 'AddIdentifier', fields: identifierFields(IdentifierAdded), ownId: 'identifierId', access: CORRECT, summary: 'Add an identifier' },
  { path: 'identifier-removals', command: 'RemoveIdentifier', fields: identifierFields(IdentifierRemoved), access: CORRECT, summary: 'Remove an identifier' },
  { path: 'groups', command: 'AssignCustomerGroup', fields: fieldsOf(CustomerGrouped), access: CORRECT, summary: 'Put the customer into a group' },
  { path: 'account-manager', command: 'AssignAccountManager', fields: assignment, access: RECORD, summary: 'Assign an account manager' },
  { path: 'account-manager-releases', command: 'ReleaseAccountManager', fields: fieldsOf(AccountManagerReleased), access: RECORD, summary: 'Release the account manager' },
  { path: 'need-levels', command: 'SetNeedLevel', fields: fieldsOf(NeedLevelAssessed, { omit: ['previousLevel', 'assessorId'] }), access: RECORD, summary: 'Assess the level of need (1-6)' },
  { path: 'profile-facts', command: 'RecordProfileFact', fields: fieldsOf(ProfileFactRecorded), access: RECORD, summary: 'Record a fact about the person' },
  { path: 'preferences', command: 'RecordPreference', fields: fieldsOf(PreferenceSet), access: RECORD, summary: 'Record a preference' },
  { path: 'parties', command: 'LinkParty', fields: fieldsOf(PartyLinked), access: CORRECT, summary: 'Link another party' },
  { path: 'party-removals', command: 'UnlinkParty', fields: fieldsOf(PartyUnlinked), access: CORRECT, summary: 'End the role of another party' },
  { path: 'roles', command: 'ChangeRoles', fields: fieldsOf(RolesChanged), defaults: { added: [], removed: [] }, access: CORRECT, summary: 'Take on or give up roles towards us' },
  { path: 'classifications', command: 'ClassifyCustomer', fields: fieldsOf(CustomerClassified, { omit: ['class', 'previousClass', 'highValueFrom', 'highPotentialFrom', 'ruleBookVersion', 'basis', 'heldUntil'] }), guarded: true, access: RECORD, summary: 'Put the customer into a class by value a year and service wanted' },
  { path: 'classification-releases', command: 'ReleaseClassification', fields: fieldsOf(ClassificationReleased), access: RECORD, summary: 'Let the rules decide about the class again' },
  { path: 'service-levels', command: 'SetServiceLevel', fields: fieldsOf(ServiceLevelSet, { omit: ['previousLevel', 'ruleBookVersion'], optional: ['slaHours'] }), guarded: true, access: RECORD, summary: 'Set the level of service' },
  { path: 'strategic-designations', command: 'DesignateStrategicAccount', fields: fieldsOf(StrategicAccountDesignated, { omit: ['previousStanding', 'needLevel', 'ruleBookVersion'] }), defaults: { jointProblems: [] }, guarded: true, access: RECORD, summary: 'Name a candidate for, or a, strategic account' },
  { path: 'strategic-withdrawals', command: 'WithdrawStrategicAccount', fields: fieldsOf(StrategicAccountWithdrawn, { omit: ['previousStanding'] }), access: RECORD, summary: 'End the standing as a strategic account' },
  { path: 'data-steward', command: 'AppointDataSteward', fields: fieldsOf(DataStewardAppointed, { omit: ['previousStewardId'] }), access: CORRECT, summary: 'Appoint who answers for the quality of the data' },
  { path: 'data-quality', command: 'AssessDataQuality', fields: fieldsOf(DataQualityAssessed, { omit: ['stewardId'] }), access: CORRECT, summary: 'Record an assessment of the data' },
  { path: 'erasure', command: 'EraseCustomer', fields: fieldsOf(CustomerErased, { omit: ['memberIds'] }), defaults: { keptForLaw: [] }, access: ERASE, summary: 'Forget the person: destroys the data key, for ever' },
]; // prettier-ignore
