import { epochMsOf, MS_PER_DAY } from '@rapport/contracts';
import type { ApiUnderTest } from '../../apps/api/specs/api-under-test.js';
import { closingReviews, demoStream } from '../../apps/cli/demo/demo-stream.js';
import { SeededRandom } from '../../apps/cli/demo/seeded-random.js';
import { liveCampaign } from './campaign-life.js';
import { liveMerges } from './merge-life.js';
import { CommandLife, LifeWorld, STORIES, worldRequests, type LifeItem } from './command-life.js';

export interface LifeSize {
  readonly customers: number;
  /** Commands that each of them is given. */
  readonly rounds: number;
  readonly seed: number;
}

export interface LifeReport {
  /** How often each command was recorded. */
  readonly recorded: ReadonlyMap<string, number>;
  /** How often each code was refused with. */
  readonly refused: ReadonlyMap<string, number>;
  /** Commands that were wrong in shape, with what was said. */
  readonly invalid: ReadonlyMap<string, string>;
}

const YEARS = 3;
const FROM_MS = epochMsOf('2023-01-02T08:00:00.000Z');
const FRAME = { fromMs: FROM_MS, untilMs: FROM_MS + YEARS * 365 * MS_PER_DAY };
const BATCH = 1_000;
/** Share of the customers who live as the demo tells; the others live by chance. */
const DEMO_SHARE = 0.25;
/** Customers who tell each story that chance seldom tells. */
const STORY_TELLERS = 20;

/** Codes of a body that is none for its command; a refusal may name a place as well. */
const WRONG_SHAPE: ReadonlySet<string> = new Set(['INVALID_VALUE', 'UNKNOWN_PROPERTY']);

interface ItemResult {
  readonly status: string;
  readonly customerId?: string;
  readonly eventIds?: readonly string[];
  readonly problem?: { readonly code: string; readonly errors?: unknown; readonly eventIds?: readonly string[] };
} // prettier-ignore

/** Three years of customers: some of them as the demo tells, most by commands of every kind in any order. */
export async function liveThreeYears(
  api: ApiUnderTest,
  { customers, rounds, seed }: LifeSize,
): Promise<LifeReport> {
  const recorded = new Map<string, number>();
  const refused = new Map<string, number>();
  const invalid = new Map<string, string>();
  const count = (counts: Map<string, number>, name: string): void => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  const see = (command: string, status: number | string, body: { code?: string; errors?: unknown }): void => {
    if (status === 201 || status === 'accepted') count(recorded, command);
    else if (body.errors !== undefined && WRONG_SHAPE.has(body.code ?? ''))
      invalid.set(command, JSON.stringify(body.errors));
    else if (body.code) count(refused, body.code);
  };

  const send = async (items: readonly LifeItem[], note: (index: number, result: ItemResult) => void) => {
    for (let at = 0; at < items.length; at += BATCH) {
      const part = items.slice(at, at + BATCH);
      const { status, body } = await api.post('/v1/batch', { items: part });
      if (status !== 200) throw new Error(`a batch was answered ${status}: ${JSON.stringify(body)}`);
      (body as { results: ItemResult[] }).results.forEach((result, index) => {
        see(part[index]!.command, result.status, result.problem ?? {});
        note(at + index, result);
      });
    }
  };

  const told = Math.round(customers * DEMO_SHARE);
  const world = new LifeWorld();
  const random = new SeededRandom(seed, 999_999);
  const tellers = STORIES.flatMap((story) => Array.from({ length: STORY_TELLERS }, () => story));
  const lives = [...tellers, ...Array.from({ length: customers - told }, () => undefined)].map(
    (story, index) => new CommandLife(index, seed, world, story),
  );
  for (let round = 0; round < rounds; round++) {
    const atMs = FRAME.fromMs + ((FRAME.untilMs - FRAME.fromMs) * round) / rounds;
    for (const request of worldRequests(world, random, atMs)) {
      const { status, body } = await api.post(request.url, request.body);
      see(request.command, status, body as { code?: string });
      if (status === 201 && request.begun) world.add(request.begun.name, request.begun.id);
    }
    const given = lives.flatMap((life) => {
      const item = life.command(round, rounds, Math.floor(atMs));
      return item ? [{ life, item }] : [];
    });
    await send(
      given.map(({ item }) => item),
      (index, result) => {
        const { life, item } = given[index]!;
        if (result.status === 'accepted') life.note(item, result.customerId!, result.eventIds ?? []);
      },
    );
  }
  const frame = { seed, ...FRAME };
  await send(
    [...demoStream(told, frame), ...closingReviews(told, frame)].map(({ item }) => item as LifeItem),
    () => undefined,
  );
  await liveCampaign(api, see);
  await liveMerges(api, see);
  return { recorded, refused, invalid };
}
