/** Topic of every event. */
export const EVENTS_TOPIC = 'rapport.events.v1';
