import { Type } from '@sinclair/typebox';
import { isoOf } from '@rapport/contracts';
import type { Money } from '@rapport/contracts';
import type { Condition, NamedQuery, Page } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import { CustomerParams } from '../_parts/query-params.js';
import { CLASS_MEANINGS, CLASS_NAMES } from './customer-classes.model.js';
import type {
  ClassesAnswer,
  ClassMember,
  ClassName,
  CustomerClassAnswer,
  CustomerClassesDocument,
  WayToClass,
} from './customer-classes.model.js';

/** Where a customer is counted. */
export const classNameOf = ({ classification }: CustomerClassesDocument): ClassName => {
  if (classification === null) return 'notLookedAt';
  return classification.customerClass === null
    ? 'unclassified'
    : (String(classification.customerClass) as ClassName);
};

const groupParam = Type.Optional(
  Type.Unsafe<string>({
    type: 'string',
    enum: ['consumer', 'smallBusiness', 'corporation'],
    description: 'only this customer group',
  }),
);
const inGroup = ({ groupCode }: { groupCode?: string }): Condition[] =>
  groupCode === undefined ? [] : [{ index: 'groupCode', op: '=', value: groupCode }];

const ClassesParams = Type.Object({ groupCode: groupParam }, { additionalProperties: false });

/** How many customers are in which class, what are they worth, and what service do they get? */
export const classes: NamedQuery<CustomerClassesDocument, typeof ClassesParams, ClassesAnswer> = {
  name: 'classes',
  question: 'How many customers are in which class, what are they worth, and what service do they get?',
  scope: 'figures',
  params: ClassesParams,
  run: async (reader, params) => {
    const where = inGroup(params);
    const [worth, levels] = await Promise.all([
      reader.group({ groupBy: ['class', 'currency'], where, sum: ['valueMinor', 'potentialMinor'] }),
      reader.group({ groupBy: ['class', 'serviceLevel'], where }),
    ]);
    const customers = worth.reduce((sum, row) => sum + row.count, 0);
    return {
      customers,
      classes: CLASS_NAMES.map((name) => {
        const ofClass = worth.filter((row) => row.group['class'] === name);
        const count = ofClass.reduce((sum, row) => sum + row.count, 0);
        return {
          class: name,
          meaning: CLASS_MEANINGS[name],
          customers: count,
          share: customers === 0 ? 0 : count / customers,
          worth: ofClass
            .filter((row) => row.group['currency'] !== null)
            .map((row) => ({
              currency: String(row.group['currency']),
              customers: row.count,
              valueMinor: row.sums['valueMinor'] ?? 0,
              potentialMinor: row.sums['potentialMinor'] ?? 0,
            }))
            .sort((a, b) => (a.currency < b.currency ? -1 : 1)),
          serviceLevels: levels
            .filter((row) => row.group['class'] === name)
            .map((row) => ({ level: row.group['serviceLevel'] as string | null, customers: row.count }))
            .sort((a, b) => b.customers - a.customers || ((a.level ?? '') < (b.level ?? '') ? -1 : 1)),
        };
      }),
    };
  },
};

const MembersParams = Type.Object(
  {
    class: Type.Unsafe<ClassName>({ type: 'string', enum: [...CLASS_NAMES], description: 'class' }),
    groupCode: groupParam,
  },
  { additionalProperties: false },
);

/** Which customers are in this class, the most valuable first? */
export const members: NamedQuery<CustomerClassesDocument, typeof MembersParams, Page<ClassMember>> = {
  name: 'members',
  question: 'Which customers are in this class, the most valuable first?',
  scope: 'list',
  params: MembersParams,
  run: (reader, params) =>
    pageOf(
      reader,
      {
        where: [{ index: 'class', op: '=', value: params.class }, ...inGroup(params)],
        orderBy: [{ index: 'valueMinor', direction: 'desc' }],
      },
      params,
      ({ key, document }) => memberOf(key, document),
    ),
};

/** Which class is this customer in, and what would it take to be in another? Null for an unknown customer. */
export const customer: NamedQuery<CustomerClassesDocument, typeof CustomerParams, CustomerClassAnswer | null> = {
  name: 'customer',
  question: 'Which class is this customer in, and what would it take to be in another?',
  scope: 'customer',
  params: CustomerParams,
  run: async (reader, params) => {
    const stored = await reader.get(params.customerId);
    if (!stored) return null;
    const member = memberOf(params.customerId, stored.document);
    const { classification } = stored.document;
    return {
      ...member,
      meaning: CLASS_MEANINGS[member.class],
      thresholds: classification && {
        highValueFrom: { amountMinor: classification.highValueFromMinor, currency: classification.currency },
        highPotentialFrom: {
          amountMinor: classification.highPotentialFromMinor,
          currency: classification.currency,
        },
      },
      whatItWouldTake: waysToOtherClasses(stored.document),
    };
  },
}; // prettier-ignore

function memberOf(customerId: string, document: CustomerClassesDocument): ClassMember {
  const { classification, serviceLevel } = document;
  const money = (amountMinor: number): Money => ({ amountMinor, currency: classification!.currency });
  return {
    customerId,
    class: classNameOf(document),
    groupCode: document.groupCode,
    value: classification && money(classification.valueMinor),
    potentialValue: classification && money(classification.potentialMinor),
    serviceGradeWanted: classification?.serviceGradeWanted ?? null,
    classifiedAt: classification && isoOf(classification.atMs),
    ruleBookVersion: classification?.ruleBookVersion ?? null,
    basis: classification?.basis ?? null,
    heldUntil: isoOrNull(classification?.heldUntilMs ?? null),
    serviceLevel: serviceLevel && {
      level: serviceLevel.level,
      slaHours: serviceLevel.slaHours,
      reason: serviceLevel.reason,
    },
    erased: document.erased,
  };
}

const isoOrNull = (atMs: number | null): string | null => (atMs === null ? null : isoOf(atMs));

/** Value first, so more value leads to 3 or 4 from everywhere; less value is nothing to strive for and is left out. */
function waysToOtherClasses({ classification }: CustomerClassesDocument): WayToClass[] {
  if (classification === null) return [];
  const { currency, valueMinor, potentialMinor, customerClass, serviceGradeWanted } = classification;
  const other = serviceGradeWanted === 'high' ? 'low' : 'high';
  if (valueMinor >= classification.highValueFromMinor)
    return [{ class: other === 'high' ? '3' : '4', serviceGradeWanted: other }];
  const ways: WayToClass[] = [];
  if (customerClass !== 2)
    ways.push({
      class: '2',
      morePotential: { amountMinor: classification.highPotentialFromMinor - potentialMinor, currency },
    });
  if (customerClass === null) ways.push({ class: '1', serviceGradeWanted: 'high' });
  const moreValue = { amountMinor: classification.highValueFromMinor - valueMinor, currency };
  ways.push({ class: serviceGradeWanted === 'high' ? '3' : '4', moreValue });
  ways.push({ class: other === 'high' ? '3' : '4', moreValue, serviceGradeWanted: other });
  return ways;
}
