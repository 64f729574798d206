/** Speed of security at three sizes each: `npm run bench:security` (settings: bench/measure-parts.ts). */
import { measureParts } from './measure-parts.ts';
import { auditVerifyPart, auditWritePart } from './security/audit.ts';
import { keysPart } from './security/keys.ts';
import { policyCheckPart, policyListPart } from './security/policy.ts';
import { signInPart } from './security/sign-in.ts';

await measureParts(
  [auditWritePart, auditVerifyPart, policyCheckPart, policyListPart, keysPart, signInPart],
  '2026-12-15T12:00:00Z',
);
