import { isoOf, MS_PER_DAY } from '@rapport/contracts';
import { defaultRuleBookDocument } from '@rapport/domain';
import { PROCESSES } from '@rapport/processes';
import type { SeededRandom } from '../../apps/cli/demo/seeded-random.js';

/** Now and then two amounts of one command are in two currencies, or both in one that the rules have no thresholds for. */
const currencyOf = (serial: number, isSecond: boolean): string => {
  if (serial % 10 === 0) return 'XPF';
  return serial % 10 === 1 && isSecond ? 'USD' : 'EUR';
};

export interface HintContext {
  readonly random: SeededRandom;
  readonly atMs: number;
  /** Number of the command in the whole run: for what must be new each time. */
  readonly serial: number;
  /** Ids of this customer, or of everybody, by the name of their field. */
  readonly ids: (name: string) => readonly string[];
  /** The latest command of this name that was recorded for this customer. */
  readonly last: (command: string) => Readonly<Record<string, unknown>> | undefined;
}

/**
 * What a schema alone cannot say, by `<Command>.<field>`, by field where it is the same everywhere. A command that no
 * life can carry out without one is told by name when the test runs.
 */
export const HINTS: Readonly<Record<string, (context: HintContext) => unknown>> = {
  score: ({ random }) => random.integer(0, 10),
  pAlive: ({ random }) => random.uniform(),
  currency: () => 'EUR',
  processId: ({ random }) => (random.chance(0.15) ? 'nobodyKnowsIt' : random.pick(PROCESSES).name),
  'RecordSurveyResponse.score': ({ random }) => random.weighted([[10, 3], [9, 2], [5, 1], [4, 2], [1, 1]] as const),
  'RecordRelationTrait.score': ({ random }) => random.integer(30, 100),
  'RecordFraudSignal.score': ({ random }) => random.integer(0, 60),
  'GrantConsent.purpose': ({ random }) => random.pick(['marketing', 'marketing', 'profiling', 'research', 'service']),
  'GrantConsent.channelScope': ({ random }) => random.pick(['any', 'email', 'web']),
  'AdvanceOpportunity.to': ({ random }) => random.weighted([['qualified', 3], ['proposed', 2], ['negotiated', 2]] as const),
  'RecordGoodbye.reasonCode': ({ random }) => random.weighted([['customerLeft', 5], ['firmEnded', 3], ['death', 1], ['liquidation', 1], ['fraud', 1]] as const),
  'StartWinBack.channel': () => 'email',
  'UnlinkParty.otherCustomerId': ({ last }) => last('LinkParty')?.['otherCustomerId'],
  'UnlinkParty.role': ({ last }) => last('LinkParty')?.['role'],
  'ReleaseAccountManager.managerId': ({ last }) => last('AssignAccountManager')?.['managerId'],
  'RegisterCustomer.roles': ({ random }) => (random.chance(0.7) ? ['customer'] : undefined),
  'ChangeRoles.added': ({ random }) => (random.chance(0.5) ? [] : undefined),
  'ChangeRoles.removed': ({ random }) => (random.chance(0.4) ? ['customer'] : undefined),
  'SetNeedLevel.level': ({ random }) => random.pick([1, 3, 5, 6, 6]),
  'ClassifyCustomer.value': ({ random, serial }) => ({ amountMinor: random.integer(1, 900) * 1_000, currency: currencyOf(serial, false) }),
  'ClassifyCustomer.potentialValue': ({ random, serial }) => ({ amountMinor: random.integer(1, 900) * 1_000, currency: currencyOf(serial, true) }),
  'AddIdentifier.value': ({ serial }) => `life-${serial}@example.com`,
  'AddIdentifier.identifierType': () => 'email',
  'StartRepair.dueAt': ({ atMs, random }) => isoOf(atMs + random.integer(10, 40) * MS_PER_DAY),
  'OverrideStage.holdUntil': ({ atMs, random }) => isoOf(atMs + random.integer(5, 110) * MS_PER_DAY),
  'RaiseComplaint.severity': ({ random }) => random.integer(1, 3),
  'MakePromise.dueAt': ({ atMs, random }) => isoOf(atMs + random.integer(1, 15) * MS_PER_DAY),
  'ConcludeRepair.outcome': ({ random }) => random.weighted([['recovered', 3], ['failed', 1]] as const),
  'RecordReturn.refund': ({ random }) => ({ amountMinor: random.integer(1, 400) * 100, currency: 'EUR' }),
  'RecordReturn.lines': () => [],
  'RecordPayment.amount': ({ random }) => ({ amountMinor: random.integer(1, 300) * 100, currency: 'EUR' }),
  'PublishRuleBook.rules': ({ random, serial }) => (random.chance(0.1) ? {} : { ...(defaultRuleBookDocument as object), version: random.chance(0.1) ? 'default-1' : `life-${serial}` }),
  'PublishRuleBook.effectiveFrom': ({ atMs, random }) => random.weighted([[isoOf(atMs), 7], [undefined, 2], [isoOf(atMs - 30 * MS_PER_DAY), 1]] as const),
  'StartProcess.afterPosition': () => '0',
  'TerminateContract.effectiveDate': ({ atMs }) => isoOf(atMs).slice(0, 10),
}; // prettier-ignore
