import { systemClock } from '#clock';
import { createTenant } from '#security';
import { type Command, progress, refuse, required, withStore } from './command.ts';

/** `tenant create <slug>`: a tenant, and a link for its first administrator. */
export const createTenantCommand: Command = async (given) => {
  const slug = given.rest[0] ?? refuse('tenant create needs a slug.');
  const adminEmail = required(given, 'admin');
  const { name, 'time-zone': timeZone, currency } = given.options;
  return withStore(async ({ db }, publicUrl) => {
    const wanted = { slug, adminEmail, publicUrl, name, timeZone, currency };
    const { tenantId, link } = await createTenant(db, systemClock, wanted);
    progress(
      `The tenant ${slug} is there. ${adminEmail} signs in for the first time with this link, which works once:\n${link}`,
    );
    return { tenantId, slug, link };
  });
};
