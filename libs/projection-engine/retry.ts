export { backoffMs, isTransient, untilItSucceeds, type RetryOptions } from '@rapport/event-store';
