import { Type } from '@sinclair/typebox';
import { isoOf, MS_PER_DAY } from '@rapport/contracts';
import type { Money } from '@rapport/contracts';
import type { Condition, NamedQuery, Page } from '@rapport/projection-engine';
import { addMinor } from '../_parts/amounts.js';
import { pageOf } from '../_parts/paging.js';
import { CustomerParams } from '../_parts/query-params.js';
import type {
  JointProject,
  JointProjectAnswer,
  SponsorAlert,
  Standing,
  StrategicAccountAnswer,
  StrategicAccountRow,
  StrategicAccountsDocument,
  StrategicFigures,
} from './strategic-accounts.model.js';

/** Levels of need from which an account may become strategic, where nothing else is asked for. */
const PROSPECT_FROM_NEED_LEVEL = 5;
const HAS_STANDING: Condition = { index: 'listed', op: '=', value: 1 };
const ALARMED: Condition = { index: 'hasAlert', op: '=', value: 1 };

const sponsorId = Type.Optional(
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$', description: 'only of this sponsor' }),
);
const ofSponsor = (params: { sponsorId?: string }): Condition[] =>
  params.sponsorId === undefined ? [] : [{ index: 'sponsorId', op: '=', value: params.sponsorId }];

/** The alert that still holds. */
export const openAlertOf = ({ alerts: known }: StrategicAccountsDocument): SponsorAlert | undefined =>
  known.find((alert) => alert.endedAtMs === null);

const AccountsParams = Type.Object(
  {
    standing: Type.Optional(
      Type.Unsafe<Standing>({
        type: 'string',
        enum: ['candidate', 'strategic'],
        description: 'only this standing',
      }),
    ),
    sponsorId,
  },
  { additionalProperties: false },
);

/** Which accounts are strategic or candidates, the highest level of need first? */
export const accounts: NamedQuery<StrategicAccountsDocument, typeof AccountsParams, Page<StrategicAccountRow>> = {
  name: 'accounts',
  question: 'Which accounts are strategic or candidates, the highest level of need first?',
  scope: 'list',
  params: AccountsParams,
  run: (reader, params, { asOfMs }) =>
    pageOf(
      reader,
      {
        where: [
          HAS_STANDING,
          ...(params.standing === undefined ? [] : [{ index: 'standing', op: '=', value: params.standing } as const]),
          ...ofSponsor(params),
        ],
        orderBy: [{ index: 'needLevel', direction: 'desc' }],
      },
      params,
      ({ key, document }) => rowOf(key, document, asOfMs),
    ),
}; // prettier-ignore

const ProspectsParams = Type.Object(
  {
    fromNeedLevel: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 6, description: 'lowest level of need; default 5' }),
    ),
  },
  { additionalProperties: false },
);

/** Who has a level of need of strategic accounts and no standing yet? */
export const prospects: NamedQuery<StrategicAccountsDocument, typeof ProspectsParams, Page<StrategicAccountRow>> = {
  name: 'prospects',
  question: 'Who has a level of need of strategic accounts and no standing yet?',
  scope: 'list',
  params: ProspectsParams,
  run: (reader, params, { asOfMs }) =>
    pageOf(
      reader,
      {
        where: [
          { index: 'listed', op: '=', value: 0 },
          { index: 'needLevel', op: '>=', value: params.fromNeedLevel ?? PROSPECT_FROM_NEED_LEVEL },
        ],
        orderBy: [{ index: 'needLevel', direction: 'desc' }],
      },
      params,
      ({ key, document }) => rowOf(key, document, asOfMs),
    ),
}; // prettier-ignore

const AlertsParams = Type.Object({ sponsorId }, { additionalProperties: false });

/** Which accounts with a standing are in danger, the longest first? Only the sponsor acts; the standing stays. */
export const alerts: NamedQuery<StrategicAccountsDocument, typeof AlertsParams, Page<StrategicAccountRow>> = {
  name: 'alerts',
  question: 'Which accounts with a standing are in danger, the longest first?',
  scope: 'list',
  params: AlertsParams,
  run: (reader, params, { asOfMs }) =>
    pageOf(
      reader,
      { where: [ALARMED, ...ofSponsor(params)], orderBy: [{ index: 'alertSinceMs', direction: 'asc' }] },
      params,
      ({ key, document }) => rowOf(key, document, asOfMs),
    ),
};

const NoParams = Type.Object({}, { additionalProperties: false });

/** How many customers are at which level of need, how many have a standing, and who answers for them? */
export const figures: NamedQuery<StrategicAccountsDocument, typeof NoParams, StrategicFigures> = {
  name: 'figures',
  question: 'How many customers are at which level of need, how many have a standing, and who answers for them?',
  scope: 'figures',
  params: NoParams,
  run: async (reader) => {
    const [levels, standings, sponsors] = await Promise.all([
      reader.group({ groupBy: ['needLevel'] }),
      reader.group({ groupBy: ['standing'], where: [HAS_STANDING], sum: ['hasAlert'] }),
      reader.group({ groupBy: ['sponsorId'], where: [HAS_STANDING], sum: ['hasAlert'] }),
    ]);
    return {
      needLevels: levels
        .map((row) => ({ needLevel: row.group['needLevel'] as number | null, customers: row.count }))
        .sort((a, b) => (b.needLevel ?? 0) - (a.needLevel ?? 0)),
      standings: standings
        .map((row) => ({
          standing: row.group['standing'] as Standing,
          customers: row.count,
          withAlert: row.sums['hasAlert'] ?? 0,
        }))
        .sort((a, b) => (a.standing > b.standing ? -1 : 1)),
      sponsors: sponsors
        .map((row) => ({
          sponsorId: String(row.group['sponsorId']),
          accounts: row.count,
          withAlert: row.sums['hasAlert'] ?? 0,
        }))
        .sort((a, b) => b.accounts - a.accounts || (a.sponsorId < b.sponsorId ? -1 : 1)),
    };
  },
}; // prettier-ignore

/** What is made together with this customer, what do they have from it, and are they in danger? Null for an unknown one. */
export const customer: NamedQuery<StrategicAccountsDocument, typeof CustomerParams, StrategicAccountAnswer | null> = {
  name: 'customer',
  question: 'What is made together with this customer, what do they have from it, and are they in danger?',
  scope: 'customer',
  params: CustomerParams,
  run: async (reader, params, { asOfMs }) => {
    const stored = await reader.get(params.customerId);
    if (!stored) return null;
    const { document } = stored;
    return {
      ...rowOf(params.customerId, document, asOfMs),
      jointProblems: document.jointProblems,
      projects: document.projects.map(projectAnswerOf),
      alerts: document.alerts.map(({ atMs, endedAtMs, ...alert }) => ({
        ...alert,
        at: isoOf(atMs),
        endedAt: endedAtMs === null ? null : isoOf(endedAtMs),
      })),
    };
  },
}; // prettier-ignore

const moneyOf = (sums: Readonly<Record<string, number>>): Money[] =>
  Object.keys(sums)
    .sort()
    .map((currency) => ({ amountMinor: sums[currency]!, currency }));

function rowOf(customerId: string, document: StrategicAccountsDocument, asOfMs: number): StrategicAccountRow {
  const { designation, projects } = document;
  const alert = openAlertOf(document);
  const returns: Record<string, number> = {};
  for (const { returnMinor } of projects)
    for (const [currency, amountMinor] of Object.entries(returnMinor))
      returns[currency] = addMinor(returns[currency] ?? 0, amountMinor);
  return {
    customerId,
    standing: designation?.standing ?? null,
    sponsorId: designation?.sponsorId ?? null,
    planId: designation?.planId ?? null,
    since: designation && isoOf(designation.sinceMs),
    needLevel: document.needLevel?.level ?? null,
    stage: document.stage,
    daysInStage: Math.max(0, Math.floor((asOfMs - document.stageSinceMs) / MS_PER_DAY)),
    jointInvestment: moneyOf(document.jointInvestmentMinor),
    problemsSolved:
      document.jointProblems.filter(({ solvedOn }) => solvedOn !== null).length +
      projects.reduce((sum, project) => sum + project.problemsSolved, 0),
    runningProjects: projects.filter(isRunning).length,
    customerReturn: moneyOf(returns),
    alert: alert ? { since: isoOf(alert.atMs), stage: document.stage, reasonCode: alert.reasonCode } : null,
    erased: document.erased,
  };
}

const isRunning = ({ startedAtMs, endedAtMs }: JointProject): boolean =>
  startedAtMs !== null && endedAtMs === null;

const projectAnswerOf = (project: JointProject): JointProjectAnswer => {
  const { startedAtMs, endedAtMs, contributedMinor, returnMinor, ...one } = project;
  return {
    ...one,
    status: endedAtMs === null ? 'running' : 'ended',
    startedAt: startedAtMs === null ? null : isoOf(startedAtMs),
    endedAt: endedAtMs === null ? null : isoOf(endedAtMs),
    contributed: moneyOf(contributedMinor),
    customerReturn: moneyOf(returnMinor),
  };
};
