import { type KeyScope, keyring } from '../keys/keyring.ts';
import { emailIndexOf } from '../people/person-names.ts';

/** A link as far as it names somebody: of a person who has an account, or of someone who is yet to come. */
interface LinkNames {
  id: string;
  personId: string | null;
  name: string | null;
  email: string;
}

/** A link's names as the database keeps them. */
export interface SealedLink {
  id: string;
  personId: string | null;
  nameSealed: Buffer | null;
  emailSealed: Buffer;
}

/** Who has no account yet has no key either: the link has one, which goes with it. */
const scopeOf = (link: { id: string; personId: string | null }): KeyScope => ({
  tenantId: null,
  class: 'link',
  subjectId: link.personId ?? link.id,
});
const placeOf = (linkId: string, column: string) => ({ table: 'identity.one_time_link', column, rowId: linkId });

/** A link's name and e-mail as they are stored. */
export async function sealLink(link: LinkNames) {
  const scope = scopeOf(link);
  const [nameSealed, emailSealed, emailIndex] = await Promise.all([
    link.name === null ? null : keyring().seal(scope, placeOf(link.id, 'name_sealed'), link.name),
    keyring().seal(scope, placeOf(link.id, 'email_sealed'), link.email),
    emailIndexOf(link.email),
  ]);
  return { nameSealed, emailSealed, emailIndex };
}

/** A link's name and e-mail in clear. Throws `KeyErasedError` where whom it names was erased. */
export async function openLink(link: SealedLink): Promise<{ name: string | null; email: string }> {
  const scope = scopeOf(link);
  const [name, email] = await Promise.all([
    link.nameSealed === null ? null : keyring().open(scope, placeOf(link.id, 'name_sealed'), link.nameSealed),
    keyring().open(scope, placeOf(link.id, 'email_sealed'), link.emailSealed),
  ]);
  return { name, email };
}
