/** What a paper proves. */
export const attachmentPurposes = ['proof_of_performance', 'scan_proof', 'invoice', 'other'] as const;
export type AttachmentPurpose = (typeof attachmentPurposes)[number];

/** Mechanics whose money is owed for a deed, and what proves it (domain.md). */
const proofOf: Readonly<Record<string, AttachmentPurpose>> = {
  feature: 'proof_of_performance',
  display: 'proof_of_performance',
  demo: 'proof_of_performance',
  co_op: 'proof_of_performance',
  scan_back: 'scan_proof',
};

/** The proofs that the mechanics need and the attachments do not give. */
export function missingProofs(
  mechanics: readonly string[],
  attached: readonly AttachmentPurpose[],
): AttachmentPurpose[] {
  const needed = new Set(mechanics.flatMap((mechanic) => proofOf[mechanic] ?? []));
  return [...needed].filter((purpose) => !attached.includes(purpose));
}
