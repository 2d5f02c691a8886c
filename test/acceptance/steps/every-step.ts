import { StepTable } from '../step-table.js';
import { ANSWER_STEPS } from './answer.steps.js';
import { CAMPAIGN_STEPS } from './campaign.steps.js';
import { CUSTOMER_STEPS } from './customer.steps.js';
import { IDENTITY_STEPS } from './identity.steps.js';
import { MODEL_STEPS } from './model.steps.js';
import { RULE_BOOK_STEPS } from './rule-book.steps.js';

/** Every sentence a feature may use. */
export const EVERY_STEP = new StepTable([
  CUSTOMER_STEPS,
  IDENTITY_STEPS,
  CAMPAIGN_STEPS,
  MODEL_STEPS,
  RULE_BOOK_STEPS,
  ANSWER_STEPS,
]);

/** Commands behind sentences that do not name them as one: `we {command} for {name}` does. */
export const COMMANDS_BEHIND: Readonly<Record<string, string>> = {
  '{name} registers': 'RegisterCustomer',
  '{name} buys {string} for {money}': 'RecordPurchase',
  '{name} calls us': 'RecordTouchPoint',
  '{name} complains': 'RaiseComplaint',
  '{name} answers {word} with {int}': 'RecordSurveyResponse',
  '{name} consents to {word} by {word}': 'GrantConsent',
  'we correct the touch point of {name}': 'CorrectTouchPoint',
  'we merge {name} into {name}': 'MergeCustomers',
  'we take the latest merge of {name} back': 'UnmergeCustomers',
  '{name} and {name} are proposed as one customer': 'ProposeMatch',
  '{name} and {name} are found to be two customers': 'RejectMatch',
  'the rules are published with': 'PublishRuleBook',
};
