import { Type } from '@sinclair/typebox';
import { dayNumberOfIsoDate, isoOf, MS_PER_DAY } from '@rapport/contracts';
import type { Condition, NamedQuery, Page, ProjectionReader } from '@rapport/projection-engine';
import { pageOf } from '../_parts/paging.js';
import { fromTo } from '../_parts/periods.js';
import { TRANSACTION_KINDS } from './transaction-history.model.js';
import type {
  ClientAnswer,
  ClientRow,
  TransactionAnswer,
  TransactionDocument,
  TransactionKind,
  TransactionRow,
} from './transaction-history.model.js';

const HistoryParams = Type.Object(
  {
    customerId: Type.String({ format: 'uuid', description: 'the client' }),
    ...fromTo,
    what: Type.Optional(
      Type.Unsafe<TransactionKind>({
        type: 'string',
        enum: [...TRANSACTION_KINDS],
        description: 'only this kind',
      }),
    ),
  },
  { additionalProperties: false },
);

/** What did this client buy, give back, owe and pay, newest first? */
export const history: NamedQuery<TransactionDocument, typeof HistoryParams, Page<TransactionAnswer>> = {
  name: 'history',
  question: 'What did this client buy, give back, owe and pay, newest first?',
  scope: 'customer',
  paged: true,
  params: HistoryParams,
  run: (reader, params) => {
    const { from, to, what } = params;
    const where: Condition[] = [
      { index: 'kind', op: '=', value: 'transaction' },
      ...(what ? [{ index: 'what', op: '=', value: what } as const] : []),
      ...(from ? [{ index: 'atMs', op: '>=', value: dayNumberOfIsoDate(from) * MS_PER_DAY } as const] : []),
      ...(to ? [{ index: 'atMs', op: '<', value: (dayNumberOfIsoDate(to) + 1) * MS_PER_DAY } as const] : []),
    ];
    return pageOf(
      reader as ProjectionReader<TransactionRow>,
      {
        owner: params.customerId,
        where,
        orderBy: [
          { index: 'atMs', direction: 'desc' },
          { index: 'sourceSeq', direction: 'desc' },
        ],
      },
      params,
      ({ key, document }) => ({
        eventId: key.slice(key.indexOf('/') + 1),
        what: document.what!,
        at: isoOf(document.atMs),
        channel: document.channel,
        reference: document.reference,
        amount:
          document.amountMinor === null
            ? null
            : { amountMinor: document.amountMinor, currency: document.currency! },
        productIds: document.productIds,
        reasonCode: document.reasonCode,
      }),
    );
  },
};

const ClientParams = Type.Object(
  {
    groupCode: Type.Unsafe<'smallBusiness' | 'corporation' | 'consumer'>({
      type: 'string',
      enum: ['smallBusiness', 'corporation', 'consumer'],
      description: 'group of the clients; institutions are small businesses and corporations',
    }),
  },
  { additionalProperties: false },
);

/** Which clients of this group trade with us, those with the latest transaction first? */
export const clients: NamedQuery<TransactionDocument, typeof ClientParams, Page<ClientAnswer>> = {
  name: 'clients',
  question: 'Which clients of this group trade with us, those with the latest transaction first?',
  scope: 'list',
  params: ClientParams,
  run: (reader, params) =>
    pageOf(
      reader as ProjectionReader<ClientRow>,
      {
        where: [
          { index: 'kind', op: '=', value: 'client' },
          { index: 'groupCode', op: '=', value: params.groupCode },
          { index: 'lastAtMs', op: '!=', value: null },
        ],
        orderBy: [{ index: 'lastAtMs', direction: 'desc' }],
      },
      params,
      ({ key, document }) => ({
        customerId: key,
        groupCode: document.groupCode,
        activityType: document.activityType,
        regionCode: document.regionCode,
        country: document.country,
        transactions: document.transactions,
        firstAt: document.firstAtMs === null ? null : isoOf(document.firstAtMs),
        lastAt: document.lastAtMs === null ? null : isoOf(document.lastAtMs),
        currencies: Object.keys(document.money)
          .sort()
          .map((currency) => ({ currency, ...document.money[currency]! })),
        erased: document.erased,
      }),
    ),
};
