import {
  accountManagerDecider,
  campaignDecider,
  crmGoalsDecider,
  productDecider,
  ruleBookDecider,
} from '@rapport/domain';
import { processSwitchDecider } from '@rapport/processes';
import type { AnyAggregate } from './aggregate.js';

/** Every aggregate besides the customer, one line each; the commands, reads by stream and routes go by it. */
export const AGGREGATES: readonly AnyAggregate[] = [
  { decider: productDecider, idField: 'productId' },
  { decider: campaignDecider, idField: 'campaignId' },
  { decider: crmGoalsDecider, idField: 'scope' },
  { decider: ruleBookDecider, idField: 'scope' },
  { decider: processSwitchDecider, idField: 'processId' },
  { decider: accountManagerDecider, idField: 'managerId' },
];
