import { readConfig } from '#config';
import { breakGlass, makeMailer } from '#security';
import { type Command, consoleContext, progress, required, withStore } from './command.ts';

const usualMinutes = 60;

/** `break-glass`: a link for an emergency administrator, whom everyone hears of. */
export const breakGlassCommand: Command = async (given) => {
  const slug = required(given, 'tenant');
  const reason = required(given, 'reason');
  const minutes = Number(given.options.minutes ?? usualMinutes);
  const config = readConfig(process.env);
  return withStore(async (store, publicUrl) => {
    const mail = makeMailer({ smtpUrl: config.smtpUrl, from: config.mailFrom, announce: progress });
    try {
      const context = await consoleContext(store, slug);
      const { link, expiresAt, unreached } = await breakGlass(context, mail, { reason, minutes, publicUrl });
      if (unreached > 0) progress(`No mail reached ${unreached} of the administrators: tell them yourself.`);
      const until = expiresAt.toISOString();
      progress(
        `Emergency access to ${slug} until ${until}. Every administrator has been told. This link works once:\n${link}`,
      );
      return { tenant: slug, link, expiresAt: until, unreached };
    } finally {
      mail.close();
    }
  });
};
