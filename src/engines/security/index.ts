export { acceptRestore, behindOutside } from './audit/accept-restore.ts';
export { auditModule } from './audit/audit-module.ts';
export { setCheckpointFile } from './audit/checkpoint-places.ts';
export { confirmTime } from './audit/confirm-time.ts';
export { exportAudit } from './audit/export-audit.ts';
export { type AuditItem, listAudit } from './audit/list-audit.ts';
export { missingTenants } from './audit/missing-tenants.ts';
export { type AuditRecord, recordAudit, setAuditSecret } from './audit/record-audit.ts';
export { recordRead } from './audit/record-read.ts';
export { verifyWithOutside } from './audit/request-verification.ts';
export { type RetentionClass, retentionClassOf, retentionRules } from './audit/retention.ts';
export { sealAudit } from './audit/seal-audit.ts';
export { Sealer } from './audit/sealer.ts';
export { rotateAuditKey } from './audit/signing-keys.ts';
export { type AuditVerification, verifyAudit } from './audit/verify-audit.ts';
export { recordCardData } from './card-data/record-card-data.ts';
export { complianceModule, controlRegister } from './compliance/compliance-module.ts';
export { startEvidenceLoop } from './compliance/evidence-loop.ts';
export { readTestRecord, sourcesDigest } from './compliance/recorded-tests.ts';
export { createSecurity, type Security } from './create-security.ts';
export { DetectionLoop } from './detection/detection-loop.ts';
export { detectionModule } from './detection/detection-module.ts';
export { type Detection, Detector } from './detection/domain/detector.ts';
export { incidentOf, type OpenIncident } from './detection/domain/group-incidents.ts';
export { rules } from './detection/domain/rules/index.ts';
export type { WatchedEvent } from './detection/domain/watched-event.ts';
export { makeRefusalRecorder } from './detection/record-refusal.ts';
export { recordSecurityEvent, type SecurityEvent, setSecurityEventSecret } from './detection/record-security-event.ts';
export { isCompactToken } from './keys/compact-token.ts';
export { KeyStoreMissingError } from './keys/key-provider.ts';
export { type Keyring, keyring, setKeyring } from './keys/keyring.ts';
export { type KeySettings, openKeys } from './keys/open-keys.ts';
export { dataKeyFacts, rotateDataKey, rotateWrapping } from './keys/rotate-keys.ts';
export { rotateSubjectKeys } from './keys/rotate-subject-keys.ts';
export { sealedClasses } from './keys/sealed-columns.ts';
export { type Mail, type Mailer, makeMailer } from './mail/mail.ts';
export { type CreatedDemoPerson, createDemoPeople } from './people/create-demo-people.ts';
export { createTenant, type TenantInput } from './people/create-tenant.ts';
export { findPeople, type Person } from './people/people.ts';
export { sealExisting } from './people/seal-existing.ts';
export { findTenant, listTenants } from './people/tenants.ts';
export { reachOf } from './policy/actor-of.ts';
export { teachDuties } from './policy/duties/duty-matrix.ts';
export { handsOf, requireOtherHand } from './policy/hands.ts';
export { permissionMatrixDocument } from './policy/permission-matrix.ts';
export {
  authorise,
  limitOf,
  limitsOf,
  refusalOf,
} from './policy/policy.ts';
export { isPredefinedRole, permissionsOf, predefinedRoles, type Role } from './policy/roles.ts';
export { eraseAgain } from './privacy/erase-again.ts';
export { privacyModule } from './privacy/privacy-module.ts';
export { processingDocument } from './privacy/processing.ts';
export { personalDataOfHouse, teachPersonalData } from './privacy/teach-personal-data.ts';
export { breakGlass } from './sign-in/break-glass.ts';
export { hashPassword, verifyPassword } from './sign-in/password.ts';
