import { STAGES } from '@rapport/contracts';
import type { EventFor, ProjectionDefinition } from '@rapport/projection-engine';
import { addMinor } from '../_parts/amounts.js';
import { latestOf, occurredAtMsOf, stampOf, supersedes } from '../_parts/business-order.js';
import { ownerKeys } from '../_parts/owner.js';
import type { JointProject, SponsorAlert, StrategicAccountsDocument } from './strategic-accounts.model.js';
import { accounts, alerts, customer, figures, openAlertOf, prospects } from './strategic-accounts.queries.js';

const EVENTS = [
  'CustomerRegistered', 'NeedLevelAssessed', 'StrategicAccountDesignated', 'StrategicAccountWithdrawn', 'CoCreationStarted',
  'CoCreationContributed', 'CoCreationEnded', 'RelationshipStageMoved', 'RelationshipStageChosen',
  'RelationshipStageOverridden', 'CustomerErased',
] as const; // prettier-ignore

/** The oldest go first. */
const MAX_ALERTS = 20;
/** The oldest go first; the log has them all. */
const MAX_PROJECTS = 100;
const MAX_PROBLEMS = 100;

/** Which accounts are strategic, what is made together with them, and which of them are in danger? (S7) */
export const strategicAccounts: ProjectionDefinition<StrategicAccountsDocument, (typeof EVENTS)[number]> = {
  name: 'strategic-accounts',
  version: 1,
  question: 'Which accounts are strategic, what is made together with them, and which of them are in danger?',
  events: EVENTS,
  keys: ownerKeys,
  initial: () => ({
    needLevel: null,
    designation: null,
    jointInvestmentMinor: {},
    jointProblems: [],
    projects: [],
    stage: 'contact',
    stageSinceMs: 0,
    alerts: [],
    erased: false,
  }),
  evolve: (document, event) => {
    const atMs = occurredAtMsOf(event);
    switch (event.type) {
      case 'CustomerRegistered':
        document.stageSinceMs = atMs;
        return document;
      case 'NeedLevelAssessed': {
        const stamp = stampOf(event, atMs);
        if (supersedes(stamp, document.needLevel)) document.needLevel = { ...stamp, level: event.data.level };
        return document;
      }
      case 'StrategicAccountDesignated':
        designate(document, event.data, atMs);
        return document;
      case 'StrategicAccountWithdrawn':
        document.designation = null;
        endAlerts(document, atMs);
        return document;
      case 'CoCreationStarted': {
        const project = projectOf(document, event.data.projectId);
        project.role = event.data.role;
        project.startedAtMs = Math.min(atMs, project.startedAtMs ?? atMs);
        project.rightsSharePct = event.data.rightsSharePct ?? project.rightsSharePct;
        return document;
      }
      case 'CoCreationContributed': {
        const project = projectOf(document, event.data.projectId);
        project.contributions += 1;
        project.hours += event.data.hours ?? 0;
        if (event.data.kind === 'problemSolved') project.problemsSolved += 1;
        if (event.data.value) addMoney(project.contributedMinor, event.data.value);
        return document;
      }
      case 'CoCreationEnded': {
        const project = projectOf(document, event.data.projectId);
        project.endedAtMs = atMs;
        project.outcome = event.data.outcome;
        project.rightsSharePct = event.data.rightsSharePct ?? project.rightsSharePct;
        if (event.data.customerReturn) addMoney(project.returnMinor, event.data.customerReturn);
        return document;
      }
      case 'CustomerErased':
        document.erased = true;
        return document;
      default:
        enterStage(document, event, atMs);
        return document;
    }
  },
  sortedBy: ['needLevel', 'alertSinceMs'],
  indexes: {
    listed: (document) => (document.designation === null ? 0 : 1),
    standing: (document) => document.designation?.standing ?? null,
    sponsorId: (document) => document.designation?.sponsorId ?? null,
    needLevel: (document) => document.needLevel?.level ?? null,
    alertSinceMs: (document) => openAlertOf(document)?.atMs ?? null,
    hasAlert: (document) => (openAlertOf(document) === undefined ? 0 : 1),
  },
  combine: (documents) => documents.reduce(joined),
  queries: [accounts, prospects, alerts, figures, customer],
};

function designate(
  document: StrategicAccountsDocument,
  data: EventFor<'StrategicAccountDesignated'>['data'],
  atMs: number,
): void {
  const { standing, sponsorId, planId, jointInvestment, jointProblems } = data;
  document.designation = {
    standing,
    sponsorId,
    planId: planId ?? null,
    sinceMs: document.designation?.sinceMs ?? atMs,
  };
  if (jointInvestment)
    document.jointInvestmentMinor = {
      ...document.jointInvestmentMinor,
      [jointInvestment.currency]: jointInvestment.amountMinor,
    };
  for (const { problemId, solvedOn } of jointProblems) {
    const known = document.jointProblems.find((one) => one.problemId === problemId);
    if (known) known.solvedOn = solvedOn ?? known.solvedOn;
    else document.jointProblems.push({ problemId, solvedOn: solvedOn ?? null });
  }
  if (document.jointProblems.length > MAX_PROBLEMS)
    document.jointProblems = document.jointProblems.slice(-MAX_PROBLEMS);
}

/** Deterioration or an ending alerts the sponsor; it never changes the standing. */
function enterStage(
  document: StrategicAccountsDocument,
  event: EventFor<'RelationshipStageMoved' | 'RelationshipStageChosen' | 'RelationshipStageOverridden'>,
  atMs: number,
): void {
  const { from, to, reasonCode } = event.data;
  document.stage = to;
  document.stageSinceMs = atMs;
  if (to === 'contact' || to === 'involvement' || to === 'intimacy') return endAlerts(document, atMs);
  if (document.designation === null || to === 'repair') return;
  const alert: SponsorAlert = { eventId: event.eventId, atMs, from, to, reasonCode, endedAtMs: null };
  endAlerts(document, atMs);
  document.alerts.push(alert);
  if (document.alerts.length > MAX_ALERTS) document.alerts.shift();
}

function endAlerts(document: StrategicAccountsDocument, atMs: number): void {
  for (const alert of document.alerts) alert.endedAtMs ??= atMs;
}

/** A contribution may come to be known before the start of its project. */
function projectOf(document: StrategicAccountsDocument, projectId: string): JointProject {
  const known = document.projects.find((one) => one.projectId === projectId);
  if (known) return known;
  const project: JointProject = {
    projectId,
    role: null,
    startedAtMs: null,
    endedAtMs: null,
    outcome: null,
    rightsSharePct: null,
    contributions: 0,
    hours: 0,
    problemsSolved: 0,
    contributedMinor: {},
    returnMinor: {},
  };
  document.projects.push(project);
  if (document.projects.length > MAX_PROJECTS) document.projects.shift();
  return project;
}

function addMoney(sums: Record<string, number>, money: { amountMinor: number; currency: string }): void {
  sums[money.currency] = addMinor(sums[money.currency] ?? 0, money.amountMinor);
}

/** A merged customer is what the more strategic of them is; what was made together adds up. */
function joined(a: StrategicAccountsDocument, b: StrategicAccountsDocument): StrategicAccountsDocument {
  const first = ranked(a) >= ranked(b) ? a : b;
  const later = a.stageSinceMs !== b.stageSinceMs ? (a.stageSinceMs > b.stageSinceMs ? a : b) : STAGES.indexOf(a.stage) >= STAGES.indexOf(b.stage) ? a : b; // prettier-ignore
  return {
    needLevel: latestOf(a.needLevel, b.needLevel),
    designation: first.designation,
    jointInvestmentMinor: summed(a.jointInvestmentMinor, b.jointInvestmentMinor),
    jointProblems: [...a.jointProblems, ...b.jointProblems]
      .sort((x, y) =>
        x.problemId < y.problemId
          ? -1
          : x.problemId > y.problemId
            ? 1
            : (x.solvedOn ?? '') < (y.solvedOn ?? '')
              ? -1
              : 1,
      ) // prettier-ignore
      .slice(-MAX_PROBLEMS),
    projects: joinedProjects([...a.projects, ...b.projects]),
    stage: later.stage,
    stageSinceMs: later.stageSinceMs,
    alerts: [...a.alerts, ...b.alerts]
      .sort((x, y) => x.atMs - y.atMs || (x.eventId < y.eventId ? -1 : 1))
      .slice(-MAX_ALERTS),
    erased: a.erased || b.erased,
  };
}

const ranked = ({ designation }: StrategicAccountsDocument): string =>
  designation === null
    ? ''
    : `${designation.standing === 'strategic' ? 2 : 1} ${designation.sinceMs} ${designation.sponsorId}`;

function joinedProjects(projects: readonly JointProject[]): JointProject[] {
  const byId = new Map<string, JointProject>();
  for (const one of projects) {
    const known = byId.get(one.projectId);
    byId.set(one.projectId, known ? joinedProject(known, one) : one);
  }
  return [...byId.values()].sort((a, b) => (a.projectId < b.projectId ? -1 : 1));
}

/** Several members of one household may take part in one project. */
function joinedProject(a: JointProject, b: JointProject): JointProject {
  const least = (x: number | null, y: number | null) =>
    x === null || y === null ? (x ?? y) : Math.min(x, y);
  const most = (x: number | null, y: number | null) => (x === null || y === null ? (x ?? y) : Math.max(x, y));
  const [first, second] = JSON.stringify(a) <= JSON.stringify(b) ? [a, b] : [b, a];
  return {
    projectId: a.projectId,
    role: first.role ?? second.role,
    startedAtMs: least(a.startedAtMs, b.startedAtMs),
    endedAtMs: most(a.endedAtMs, b.endedAtMs),
    outcome: first.outcome ?? second.outcome,
    rightsSharePct: most(a.rightsSharePct, b.rightsSharePct),
    contributions: a.contributions + b.contributions,
    hours: a.hours + b.hours,
    problemsSolved: a.problemsSolved + b.problemsSolved,
    contributedMinor: summed(a.contributedMinor, b.contributedMinor),
    returnMinor: summed(a.returnMinor, b.returnMinor),
  };
}

function summed(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const currency of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort())
    sums[currency] = addMinor(a[currency] ?? 0, b[currency] ?? 0);
  return sums;
}
