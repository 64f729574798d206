import { sql, type Tx } from '#db';

/** Which factors a person has. */
export interface Factors {
  password: boolean;
  totp: boolean;
  passkeys: number;
  /** Recovery codes that were not used yet. */
  recoveryCodes: number;
}

/** The factors of a person. */
export async function factorsOf(tx: Tx, personId: string): Promise<Factors> {
  return tx.one<Factors>(sql`select
    exists (select 1 from identity.password where person_id = ${personId}) as password,
    exists (select 1 from identity.totp where person_id = ${personId} and confirmed_at is not null) as totp,
    (select count(*)::integer from identity.passkey where person_id = ${personId}) as passkeys,
    (select count(*)::integer from identity.recovery_code where person_id = ${personId} and used_at is null) as "recoveryCodes"`);
}

/** Whether the tenant wants a second factor of everyone. */
export async function requiresSecondFactor(tx: Tx, tenantId: string): Promise<boolean> {
  const policy = await tx.maybe<{ required: boolean }>(sql`select second_factor = 'required' as required
    from identity.sign_in_policy where tenant_id = ${tenantId}`);
  return policy?.required ?? false;
}

/** A time-based code generator as stored. */
export interface StoredTotp {
  id: string;
  secret: Buffer;
}

/** Begins an enrolment: earlier ones that were never confirmed are dropped. */
export async function insertTotp(tx: Tx, totp: StoredTotp & { personId: string; now: Date }): Promise<void> {
  await tx.run(sql`delete from identity.totp where person_id = ${totp.personId} and confirmed_at is null`);
  await tx.run(sql`insert into identity.totp (id, person_id, secret, created_at)
    values (${totp.id}, ${totp.personId}, ${totp.secret}, ${totp.now})`);
}

/** The generator in force, or the one that waits for its first code. */
export async function findTotp(
  tx: Tx,
  personId: string,
  which: 'confirmed' | 'waiting',
): Promise<StoredTotp | undefined> {
  return tx.maybe<StoredTotp>(sql`select id, secret from identity.totp where person_id = ${personId}
    and ${which === 'confirmed' ? sql`confirmed_at is not null` : sql`confirmed_at is null`}`);
}

/** Takes the code of a time step; false where one of this step or a later one was taken before, by any process. */
export async function takeStep(tx: Tx, totpId: string, step: number): Promise<boolean> {
  const taken = await tx.run(sql`update identity.totp set last_step = ${step}
    where id = ${totpId} and (last_step is null or last_step < ${step})`);
  return taken > 0;
}

/** Puts a generator in force in place of the one before. */
export async function confirmTotp(tx: Tx, personId: string, totpId: string, now: Date): Promise<void> {
  await tx.run(sql`delete from identity.totp where person_id = ${personId} and id <> ${totpId}`);
  await tx.run(sql`update identity.totp set confirmed_at = ${now} where id = ${totpId}`);
}

/** Removes the generator of a person; false where there was none. */
export async function deleteTotp(tx: Tx, personId: string): Promise<boolean> {
  return (await tx.run(sql`delete from identity.totp where person_id = ${personId}`)) > 0;
}

/** Replaces every recovery code of a person; none for an empty list. */
export async function replaceRecoveryCodes(
  tx: Tx,
  personId: string,
  macs: readonly Buffer[],
  now: Date,
): Promise<void> {
  await tx.run(sql`delete from identity.recovery_code where person_id = ${personId}`);
  for (const mac of macs) {
    await tx.run(
      sql`insert into identity.recovery_code (person_id, mac, created_at) values (${personId}, ${mac}, ${now})`,
    );
  }
}

/** Takes a recovery code; false where it is none of theirs or was used. */
export async function takeRecoveryCode(tx: Tx, personId: string, mac: Buffer, now: Date): Promise<boolean> {
  const taken = await tx.run(sql`update identity.recovery_code set used_at = ${now}
    where person_id = ${personId} and mac = ${mac} and used_at is null`);
  return taken > 0;
}
