/** Events that may say which rule book decided or permitted them. */
export const DECISION_TYPES = [
  'RelationshipStageMoved', 'RelationshipStageChosen', 'RelationshipStageOverridden', 'OfferSuppressed', 'OfferMade',
  'OpportunityOpened', 'CampaignContactSent', 'WinBackStarted', 'CustomerClassified', 'ServiceLevelSet',
  'StrategicAccountDesignated', 'PromiseBroken',
] as const; // prettier-ignore
