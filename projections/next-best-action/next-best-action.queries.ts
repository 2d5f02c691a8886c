import { Type } from '@sinclair/typebox';
import { CHANNELS, isoOf } from '@rapport/contracts';
import type { GroupRow, NamedQuery, ProjectionReader } from '@rapport/projection-engine';
import type {
  AcceptanceAnswer,
  AcceptanceRow,
  ActionsAt,
  Answers,
  KnownCustomer,
  OfferExperience,
  OfferRow,
} from './next-best-action.model.js';

const Params = Type.Object(
  {
    customerId: Type.String({ format: 'uuid', description: 'the customer' }),
    channel: Type.Optional(
      Type.Unsafe<string>({
        type: 'string',
        enum: [...CHANNELS],
        description: 'channel the customer is met on; default any by which we may turn to them',
      }),
    ),
  },
  { additionalProperties: false },
);

type Reader = ProjectionReader<OfferRow>;

/** Where what the rules know of each customer is kept. */
const STATES = 'due-reviews';

/** What is best done for this customer now, why, and what holds other things back? Null for an unknown customer. */
export const ofCustomerWith = (actionsAt: ActionsAt): NamedQuery<OfferRow, typeof Params, object | null> => ({
  name: 'of-customer',
  question: 'What is best done for this customer now, why, and what holds other things back?',
  scope: 'customer',
  params: Params,
  beside: [STATES],
  run: async (reader, { customerId, channel }, { asOfMs }, beside) => {
    const known = await (beside?.[STATES] as ProjectionReader<KnownCustomer> | undefined)?.get(customerId);
    if (!known) return null;
    const experience = await experienceOf(reader);
    const asked = { experience, ...(channel === undefined ? {} : { channel }) };
    return {
      customerId,
      asOf: isoOf(asOfMs),
      ...actionsAt(known.document.state, asOfMs, asked),
    };
  },
});

const NoParams = Type.Object({}, { additionalProperties: false });

/** How often were our offers accepted, by stage and by channel? */
export const acceptance: NamedQuery<OfferRow, typeof NoParams, AcceptanceAnswer> = {
  name: 'acceptance',
  question: 'How often were our offers accepted, by stage and by channel?',
  scope: 'figures',
  params: NoParams,
  run: async (reader) => ({
    byStage: (await groupedBy(reader, 'stage')).map(rowOf),
    byChannel: (await groupedBy(reader, 'channel')).map(rowOf),
  }),
};

/** Our own offers alone. */
const groupedBy = (reader: Reader, index: 'stage' | 'channel'): Promise<readonly GroupRow[]> =>
  reader.group({
    groupBy: ['kind', index],
    where: [{ index: 'answered', op: '>=', value: 0 }],
    sum: ['answered', 'accepted'],
  });

const answersOf = ({ sums }: GroupRow): Answers => ({
  answered: sums['answered'] ?? 0,
  accepted: sums['accepted'] ?? 0,
});

function rowOf(row: GroupRow): AcceptanceRow {
  const { answered, accepted } = answersOf(row);
  return {
    ...(row.group as { readonly kind: string; readonly stage?: string; readonly channel?: string }),
    made: row.count,
    answered,
    accepted,
    acceptance: answered === 0 ? null : accepted / answered,
  };
}

async function experienceOf(reader: Reader): Promise<OfferExperience> {
  const byIndex = async (index: 'stage' | 'channel'): Promise<ReadonlyMap<string, Answers>> =>
    new Map(
      (await groupedBy(reader, index)).map((row) => [
        `${String(row.group['kind'])} ${String(row.group[index])}`,
        answersOf(row),
      ]),
    );
  const [byStage, byChannel] = await Promise.all([byIndex('stage'), byIndex('channel')]);
  return { byStage, byChannel };
}
