import { epochMsOf, GROUP_CODES, isoOf } from '@rapport/contracts';
import type { CustomerCommandOf } from '../customer.commands.js';

type DetailChange = CustomerCommandOf<'CorrectCustomerDetails'>['changes'][number];

const EMAIL = /^[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+$/;
/** ITU-T E.164: up to 15 digits; fewer than 6 reach nobody from outside. */
const PHONE = /^\+?\d{6,15}$/;
const PHONE_SEPARATORS = /[\s()./-]/g;
const TAX_ID = /^(?=.*\d)[A-Za-z0-9][A-Za-z0-9 ./-]{3,29}$/;

/** Has an identifier the form of its kind? Numbers of systems have any form their system gives them. (S14, S19) */
export function isWellFormedIdentifier(type: string, value: string): boolean {
  switch (type) {
    case 'email':
      return value.length <= 254 && EMAIL.test(value.trim());
    case 'phone':
      return PHONE.test(value.replace(PHONE_SEPARATORS, ''));
    case 'taxId':
      return TAX_ID.test(value.trim());
    default:
      return value.trim().length > 0;
  }
}

const EARLIEST_BIRTH = '1900-01-01';

/** Has a detail the form of its field? What is taken away has none. `atMs`: business time, epoch ms. */
export function isWellFormedDetail({ field, value }: DetailChange, atMs: number): boolean {
  if (value === null) return true;
  switch (field) {
    case 'country':
      return /^[A-Z]{2}$/.test(value);
    case 'language':
      return /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(value);
    case 'postalCode':
      return /^[A-Za-z0-9](?:[A-Za-z0-9 -]{1,10})$/.test(value.trim());
    case 'birthDate':
      return isCalendarDay(value) && value >= EARLIEST_BIRTH && value <= isoOf(atMs).slice(0, 10);
    case 'groupCode':
      return (GROUP_CODES as readonly string[]).includes(value);
    default:
      return value.trim().length > 0;
  }
}

function isCalendarDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const instant = `${value}T00:00:00.000Z`;
  try {
    return isoOf(epochMsOf(instant)) === instant;
  } catch {
    return false;
  }
}
