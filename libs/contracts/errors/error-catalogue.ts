/**
 * The one table of everything the product may answer instead of doing what was asked.
 * `docs/reference/errors.md` is generated from it; a code is stable for ever.
 */
export interface ErrorEntry {
  /** HTTP status. */
  readonly status: number;
  /** Short name of the problem. */
  readonly title: string;
  /** What the caller can do about it. */
  readonly remedy: string;
}

const entry = (status: number, title: string, remedy: string): ErrorEntry => ({ status, title, remedy });

export const ERROR_CATALOGUE = {
  // Shape of the request
  MALFORMED_REQUEST: entry(400, 'The request is not valid HTTP', 'Check the address, its percent encoding, the headers and the length.'),
  MALFORMED_JSON: entry(400, 'The body is not valid JSON', 'Send UTF-8 JSON, at most 32 levels deep, without duplicate keys.'),
  MISSING_IDEMPOTENCY_KEY: entry(400, 'A write needs a key', 'Send an Idempotency-Key header, or sourceSystem and sourceEventId in the body.'),
  BAD_IDEMPOTENCY_KEY: entry(400, 'The Idempotency-Key is not usable', 'Send one key of 1 to 255 printable ASCII characters.'),
  UNAUTHENTICATED: entry(401, 'No valid access token', 'Send Authorization: Bearer <token>; `npm start` prints the local one.'),
  FORBIDDEN: entry(403, 'The token does not allow this', 'Use a token whose role and scopes include this route.'),
  ROUTE_NOT_FOUND: entry(404, 'No such route', 'See /docs for the routes; routes names those that begin alike.'),
  CUSTOMER_NOT_FOUND: entry(404, 'No such customer', 'Check the id or identifier, or register the customer first.'),
  NOT_FOUND: entry(404, 'No such thing', 'Check the name in the path. Right behind a write, a read that brings its token (`?after=…`) waits until it can see it.'),
  METHOD_NOT_ALLOWED: entry(405, 'The route does not take this method', 'Use a method named in the Allow header.'),
  REQUEST_TIMEOUT: entry(408, 'The request took too long to arrive', 'Send the headers within 10 s and the whole request within 30 s.'),
  PAYLOAD_TOO_LARGE: entry(413, 'The body is too large', 'Send at most 256 KiB; on the batch route 4 MiB, 1,000 items of at most 64 KiB.'),
  UNSUPPORTED_MEDIA_TYPE: entry(415, 'The content type is not supported', 'Send application/json in UTF-8, uncompressed.'),
  HEADERS_TOO_LARGE: entry(431, 'The headers are too large', 'Send at most 16 KiB of address and headers.'),
  INVALID_VALUE: entry(422, 'A value is not allowed', 'Each entry of errors names the place and the rule.'),
  UNKNOWN_PROPERTY: entry(422, 'A property is not known', 'Remove the properties that errors names.'),
  BAD_CURSOR: entry(422, 'The cursor was not made by this service', 'Start again without a cursor.'),
  OCCURRED_IN_FUTURE: entry(422, 'occurredAt lies in the future', 'Send business time at most 5 minutes ahead of now; check the clock of the sender.'),
  KEY_REUSED: entry(422, 'The key was used for another request', 'Use a new key for a new request; repeat the same body to retry.'),
  RATE_LIMITED: entry(429, 'Too many requests', 'Wait as long as Retry-After says.'),
  // State of the customer
  CONFLICT: entry(409, 'The customer changed at the same time', 'Read again and retry with the same key.'),
  IN_PROGRESS: entry(409, 'The same request is being carried out', 'Retry after the seconds in Retry-After.'),
  ALREADY_REGISTERED: entry(409, 'The customer is registered', 'Use the existing customer, or correct its details.'),
  NOT_REGISTERED: entry(409, 'The customer is not registered', 'Register the customer first.'),
  ID_ALREADY_USED: entry(409, 'The id is taken', 'Use another id; retry the same fact with the same key.'),
  LAST_IDENTIFIER: entry(409, 'The customer would have no identifier left', 'Add another identifier first.'),
  OTHER_ACCOUNT_MANAGER: entry(409, 'Another account manager is responsible', 'Read again who is; send replacing as it is now, or leave it out.'),
  HAND_OVER_RUNNING: entry(409, 'The customers are being handed over', 'Wait until the running hand-over is completed.'),
  LAST_ROLE: entry(409, 'The customer would have no role left', 'Add another role in the same command.'),
  CUSTOMER_ERASED: entry(409, 'The customer was erased', 'Nothing can be recorded for an erased customer.'),
  NOTHING_TO_DO: entry(409, 'The command would change nothing', 'Check the current state.'),
  MERGE_IN_PROGRESS: entry(409, 'The customer is being merged or unmerged', 'Retry after a second with the same key.'),
  CUSTOMER_MERGED: entry(409, 'The customer was merged into another one', 'Address the survivor.'),
  SAME_CUSTOMER: entry(409, 'The customers are one already', 'Name two different customers.'),
  UNKNOWN_MERGE: entry(409, 'There is no such merge', 'Check the survivor and mergeId.'),
  NOT_LATEST_MERGE: entry(409, 'Only the latest merge can be taken back', 'Take the later merges back first, the latest one before the others.'),
  MATCH_REJECTED: entry(409, 'The two customers were found to be two', 'Propose them again only for another reason than before.'),
  STALE_PRECONDITION: entry(412, 'If-Match does not match', 'Read again and send the current ETag.'),
  // Business rules: the answer carries the way out
  STAGE_MOVE_NOT_ALLOWED: entry(409, 'The relationship cannot move there from here', 'Follow the stages the answer names.'),
  STAGE_GUARD_NOT_MET: entry(409, 'The evidence for the move is missing', 'Record the facts that wayOut names.'),
  STAGE_FORBIDS_FIRST_SALE: entry(409, 'The stage forbids a first sale', 'See wayOut.'),
  STAGE_FORBIDS_CROSS_SELL: entry(409, 'The stage forbids cross-selling', 'See wayOut.'),
  STAGE_FORBIDS_UP_SELL: entry(409, 'The stage forbids up-selling', 'See wayOut.'),
  STAGE_FORBIDS_RETENTION: entry(409, 'The stage forbids a retention offer', 'See wayOut.'),
  STAGE_FORBIDS_INITIATIVE: entry(409, 'The stage forbids our own initiative', 'See wayOut.'),
  OFFER_NOT_PERMITTED: entry(409, 'An offer rule is not met', 'See wayOut.'),
  CONSENT_MISSING: entry(409, 'Consent for this purpose and channel is missing', 'Record a granted consent.'),
  EXPLICIT_CONSENT_MISSING: entry(409, 'Explicit consent is missing', 'Record an explicit consent for the purpose specialCategories.'),
  TRAIT_HAS_NO_COMPONENTS: entry(409, 'The trait has no components', 'Send component with commitment only.'),
  NEED_LEVEL_TOO_LOW: entry(409, 'The level of need is too low', 'Assess the level that wayOut names, if it is so.'),
  STRATEGIC_EVIDENCE_MISSING: entry(409, 'Nothing shows a strategic account', 'Name a joint investment or a problem solved together.'),
  NO_VALUE_THRESHOLDS: entry(409, 'The rule book has no thresholds in this currency', 'State the value in another currency, or add its thresholds to the rule book.'),
  CURRENCIES_DIFFER: entry(409, 'The amounts are in different currencies', 'State both amounts in one currency.'),
  UNKNOWN_SERVICE_LEVEL: entry(409, 'The rule book does not know the service level', 'Use a level of the rule book, or send slaHours.'),
  PROCESSING_RESTRICTED: entry(409, 'The processing of the data is restricted', 'See wayOut; what happened may be recorded, and what the person asks for may be done.'),
  OVERRIDE_NOT_ALLOWED: entry(409, 'The override is not allowed', 'holdUntil is at most 90 days ahead; erased and merged customers stay as they are.'),
  REPAIR_ALREADY_RUNNING: entry(409, 'A repair is running', 'Conclude it first.'),
  NO_REPAIR_RUNNING: entry(409, 'No repair is running', 'Start one first.'),
  UNKNOWN_CASE: entry(409, 'The customer has no such case', 'Check caseId.'),
  CASE_STATE_FORBIDS: entry(409, 'The case is not in a state for this', 'See the case in the customer 360.'),
  UNKNOWN_CONTRACT: entry(409, 'The customer has no such contract', 'Check contractId.'),
  CONTRACT_STATE_FORBIDS: entry(409, 'The contract is not in a state for this', 'See the contract in the customer 360.'),
  UNKNOWN_ORDER: entry(409, 'The customer has no such order', 'Check orderId.'),
  RETURN_EXCEEDS_PURCHASE: entry(409, 'More is returned than was bought', 'Return at most what the order still holds.'),
  UNKNOWN_INVOICE: entry(409, 'The customer has no such invoice', 'Check invoiceId.'),
  PAYMENT_EXCEEDS_INVOICE: entry(409, 'More is paid than was invoiced', 'Pay at most what is open.'),
  UNKNOWN_LEAD: entry(409, 'The customer has no such lead', 'Check leadId.'),
  LEAD_STATE_FORBIDS: entry(409, 'The lead is not in a state for this', 'A lead is qualified or disqualified once; identify a new one.'),
  WRITE_OFF_EXCEEDS_INVOICE: entry(409, 'More is written off than is open', 'Write off at most what is open and not written off yet.'),
  WALLET_SHARE_INCONSISTENT: entry(409, 'The amounts of a wallet share do not fit together', 'Send both in one currency, the own spend at most the total.'),
  UNKNOWN_FRAUD_SIGNAL: entry(409, 'The customer has no such open fraud signal', 'Check signalId.'),
  UNKNOWN_GOAL: entry(409, 'The scope has no such goal', 'Set it first: POST /v1/crm-goals/{scope}/goals.'),
  UNKNOWN_CAMPAIGN: entry(409, 'There is no such campaign', 'Plan it: POST /v1/campaigns.'),
  CAMPAIGN_STATE_FORBIDS: entry(409, 'The campaign is not in a state for this', 'A campaign is planned, launched and closed, once each.'),
  CAMPAIGN_NOT_RUNNING: entry(409, 'The campaign does not run', 'Launch it first; after it was closed nobody is contacted.'),
  CAMPAIGN_HOLD_OUT: entry(409, 'The customer is in the hold-out group', 'Do not contact this customer for this campaign: its effect is measured by them.'),
  CAMPAIGN_CURRENCY: entry(422, 'The currency is not that of the campaign', 'Send costs in the currency of the budget.'),
  UNKNOWN_CAMPAIGN_CONTACT: entry(409, 'The customer was not contacted for this campaign', 'Record the contact first; a response or an opt-out needs none.'),
  UNKNOWN_PRODUCT: entry(409, 'The catalogue has no such product', 'Define it: POST /v1/products.'),
  UNKNOWN_OPPORTUNITY: entry(409, 'The customer has no such opportunity', 'Check opportunityId.'),
  OPPORTUNITY_STATE_FORBIDS: entry(409, 'The opportunity is not in a state for this', 'See the opportunity in the customer 360.'),
  UNKNOWN_OFFER: entry(409, 'The customer has no such open offer', 'Check offerId.'),
  UNKNOWN_PROMISE: entry(409, 'The customer has no such open promise', 'Check promiseId.'),
  UNKNOWN_REFERRAL: entry(409, 'The customer made no such referral', 'Check referralId.'),
  UNKNOWN_ACTIVITY: entry(409, 'The customer has no such open activity', 'Check activityId.'),
  UNKNOWN_NEED: entry(409, 'The customer has no such unserved need', 'Check needId.'),
  UNKNOWN_PROJECT: entry(409, 'The customer takes part in no such joint project', 'Check projectId.'),
  UNKNOWN_TARGET_EVENT: entry(409, 'The customer has no such event', 'Check targetEventId.'),
  DATES_OUT_OF_ORDER: entry(409, 'The dates are not in order', 'Send a start on or before the end.'),
  // Rule books
  RULE_BOOK_INVALID: entry(422, 'The rule book cannot be used', 'detail and errors name the place and the reason; correct it there. `rapport rules check <file>` says the same without a server.'),
  RULE_BOOK_VERSION_TAKEN: entry(409, 'The version of the rule book is taken', 'Give the rule book a version of its own: decisions cite it.'),
  RULE_BOOK_BACKDATED: entry(409, 'The rule book would decide what was decided before it was published', 'Choose an effectiveFrom that is not past, or leave it out. Who records history gives occurredAt as well: the day the rules were decided on.'),
  RULE_BOOK_OUT_OF_ORDER: entry(409, 'The rule book would be in force before one that already is', 'Choose a later effectiveFrom; earliestAt names the first one possible.'),
  // Models, projections, operations
  NOT_ENOUGH_DATA: entry(409, 'Not enough repeat buyers for a model', 'About 100 repeat buyers are needed; figures fall back to RFM bands.'),
  REBUILD_RUNNING: entry(409, 'A rebuild of this projection is running', 'Wait for it, or cancel it.'),
  UNKNOWN_PROCESS: entry(404, 'No such process', 'See GET /v1/operations/processes.'),
  UNKNOWN_PROJECTION: entry(404, 'No such projection', 'See GET /v1/operations/projections.'),
  POSITION_BEYOND_HEAD: entry(422, 'The position lies beyond the log', 'Use a position at or below the head.'),
  READ_YOUR_WRITES_TIMEOUT: entry(503, 'The read model has not caught up in time', 'Retry, or read without the token.'),
  // Infrastructure
  OUTCOME_UNKNOWN: entry(503, 'It is not known whether the write took place', 'Retry with the same key: the answer will be the first one.'),
  UNAVAILABLE: entry(503, 'The service cannot do this now', 'Retry after the seconds in Retry-After.'),
  STORAGE_FULL: entry(507, 'The disk is full', 'Free space; nothing was recorded.'),
  STORE_LOCKED: entry(503, 'Another process owns the data folder', 'Stop it, or use another folder.'),
  CORRUPT_EVENT: entry(500, 'A stored event fails its checksum', 'Restore the data folder from a backup; the stream is refused, nothing was changed.'),
  PARTITIONING_CHANGED: entry(500, 'The partitions of the topic are not the recorded ones', 'Configure the recorded number of partitions, or move to a new topic and let the relay fill it from the log.'),
  MASTER_KEY_MISMATCH: entry(500, 'The master key does not open this data folder', 'Set RAPPORT_MASTER_KEY_FILE to the key the folder was made with.'),
  INTERNAL: entry(500, 'Something went wrong inside', 'Report the request id in instance.'),
} as const satisfies Record<string, ErrorEntry>; // prettier-ignore

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** One place in the input that is wrong. `pointer` is a JSON pointer into the body, or `query/<name>`, `header/<name>`. */
export interface ErrorDetail {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

/** An error with a stable code. `detail` is one sentence without internals or personal data. */
export class RapportError extends Error {
  override readonly name = 'RapportError';
  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    readonly extra: {
      readonly errors?: readonly ErrorDetail[];
      readonly retryAfterS?: number;
      readonly members?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(`${code}: ${detail}`);
  }
}
