import { enquiryFollowUp } from './enquiry-follow-up.process.js';
import { problemManagement } from './problem-management.process.js';
import type { AnyProcess } from './process.js';
import { welcome } from './welcome.process.js';
import { winBack } from './win-back.process.js';

/** Every process, one line each; runner, operations and documentation go by it. */
export const PROCESSES: readonly AnyProcess[] = [welcome, enquiryFollowUp, problemManagement, winBack];
