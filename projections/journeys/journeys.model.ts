import type { Channel } from '@rapport/contracts';

/** A moment of a journey: epoch ms, channel, event id. */
export type Moment = [atMs: number, channel: Channel, eventId: string];

export type JourneyStep = 'select' | 'buy' | 'use';

/** One customer's way with one product. Key: `<customerId>/<productId>`. */
export interface JourneyDocument {
  /** Touches, offers and questions about the product, by time; before the first purchase they select, after it they use. */
  contacts: Moment[];
  /** By time. */
  purchases: Moment[];
  /** Latest return, epoch ms; null = none. */
  returnedAtMs: number | null;
  /** What follows from them. */
  journey: Journey;
}

/** Where a journey stands; follows from its moments. */
export interface Journey {
  reached: JourneyStep;
  startedAtMs: number;
  /** Latest moment of all, epoch ms. */
  lastAtMs: number;
  /** Channel on which it began. */
  startChannel: Channel | null;
  /** Channel of the last contact before the purchase, or of the last one at all while nothing was bought. */
  selectChannel: Channel | null;
  buyChannel: Channel | null;
  /** Channel of the first contact after the purchase. */
  useChannel: Channel | null;
  /** Whole days from the first contact to the first purchase; null without either. */
  daysToBuy: number | null;
  /** Distinct channels before the purchase. */
  selectChannels: number;
}

/** A journey as it is answered. */
export interface JourneyEntry {
  readonly customerId: string;
  readonly productId: string;
  readonly reached: JourneyStep;
  /** It went no further for as long as was asked: while selecting, or bought and never used. */
  readonly abandoned: boolean;
  /** ISO-8601 UTC. */
  readonly startedAt: string;
  readonly lastAt: string;
  readonly quietDays: number;
  readonly startChannel: Channel | null;
  readonly selectChannel: Channel | null;
  readonly buyChannel: Channel | null;
  readonly useChannel: Channel | null;
  readonly daysToBuy: number | null;
  readonly purchases: number;
  readonly returnedAt: string | null;
}

/** Journeys that took the same channels. */
export interface JourneyPath {
  readonly select: Channel | null;
  readonly buy: Channel | null;
  readonly use: Channel | null;
  readonly journeys: number;
}

/** Journeys that went no further, by the channel they stopped on. */
export interface AbandonedStep {
  /** select = nothing was bought; buy = it was bought and never used since. */
  readonly step: 'select' | 'buy';
  readonly channel: Channel | null;
  readonly journeys: number;
  /** Of all journeys that came to this step on this channel, 0 to 1. */
  readonly share: number | null;
}

export interface JourneyFigures {
  /** ISO-8601 UTC. */
  readonly asOf: string;
  /** Days without a sign after which a journey counts as abandoned. */
  readonly abandonedAfterDays: number;
  readonly journeys: number;
  readonly reached: Readonly<Record<JourneyStep, number>>;
  /** Bought of all, 0 to 1; null without journeys. */
  readonly boughtShare: number | null;
  /** Of the journeys selected and bought: another channel for buying than for the last step of selecting, 0 to 1. */
  readonly channelSwitchShare: number | null;
  /** Days from the first contact to the purchase; null when none is known. */
  readonly meanDaysToBuy: number | null;
  /** Most frequent first. */
  readonly paths: readonly JourneyPath[];
  /** Most frequent first. */
  readonly abandoned: readonly AbandonedStep[];
}
