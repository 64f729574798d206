import { z } from 'zod';

/** A setting that is wrong or missing: the caller prints the message as one line and exits 2. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

const booleanText = z.enum(['0', '1']).transform((value) => value === '1');

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  TRADEAI_DATA: z.string().min(1).default('.tradeai'),
  TRADEAI_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  TRADEAI_REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  TRADEAI_DEMO: booleanText.optional(),
  TRADEAI_DEMO_PASSWORD: z.string().min(8).default('tradeai-demo'),
  TRADEAI_SECRET_KEY: z.string().min(32).optional(),
  TRADEAI_KEYS: z.enum(['file', 'environment', 'vault']).optional(),
  TRADEAI_KEY_ENCRYPTION_KEYS: z
    .string()
    .transform((text) => text.split(',').map((key) => Buffer.from(key.trim(), 'base64')))
    .refine((keys) => keys.every((key) => key.length === 32), 'must be keys of 32 bytes in Base64, parted by commas')
    .default([]),
  TRADEAI_VAULT_URL: z.url({ protocol: /^https?$/ }).optional(),
  TRADEAI_VAULT_TOKEN: z.string().min(1).optional(),
  TRADEAI_VAULT_KEY: z.string().min(1).default('tradeai'),
  TRADEAI_VAULT_TRANSIT_MOUNT: z.string().min(1).default('transit'),
  TRADEAI_VAULT_SECRETS_MOUNT: z.string().min(1).default('secret'),
  TRADEAI_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  TRADEAI_CORS_ORIGINS: z
    .string()
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .pipe(z.array(z.url({ protocol: /^https?$/ }).refine((text) => new URL(text).origin === text, 'must be origins')))
    .default([]),
  TRADEAI_OUTBOUND_PRIVATE: booleanText.optional(),
  TRADEAI_TRUST_PROXY: booleanText.default(false),
  TRADEAI_SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  TRADEAI_MAIL_FROM: z.email().default('tradeai@localhost.example'),
  TRADEAI_AUDIT_CHECKPOINTS: z.string().min(1).optional(),
  TRADEAI_AUDIT_WEBHOOK: z.url({ protocol: /^https?$/ }).optional(),
  TRADEAI_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('warn'),
  MODULES: z.string().default('all'),
});

/** The process's settings, checked once at start. */
export interface Config {
  port: number;
  host: string;
  /** The data folder, as given (relative to the working directory). */
  dataDir: string;
  /** Undefined: the embedded database in the data folder. */
  databaseUrl: string | undefined;
  redisUrl: string | undefined;
  demo: boolean;
  demoPassword: string;
  /** Undefined: generated into the data folder; only with the embedded database. */
  secretKey: string | undefined;
  keys: KeyConfig;
  /** The address that links in mails and on the console point to. */
  publicUrl: string | undefined;
  trustProxy: boolean;
  /** Origins whose pages may call the API from a browser. */
  corsOrigins: readonly string[];
  /** Whether addresses that tenants give (webhooks, sign-in providers) may be private ones: as the demo, unless set. */
  outboundPrivate: boolean;
  smtpUrl: string | undefined;
  mailFrom: string;
  /** The file to which signed audit checkpoints are appended; undefined: in the data folder. */
  auditCheckpoints: string | undefined;
  /** Where each signed audit checkpoint is sent as well. */
  auditWebhook: string | undefined;
  logLevel: string;
  /** Names of the modules this process runs; undefined: all of them. */
  modules: readonly string[] | undefined;
}

/** Where the keys are that seal personal data and secrets. */
export interface KeyConfig {
  /** `file` with the embedded database, else `environment`, unless told otherwise. */
  provider: 'file' | 'environment' | 'vault';
  /** 32 bytes each; the first one wraps, the others only unwrap. */
  encryptionKeys: readonly Buffer[];
  /** Set where the provider is `vault`. */
  vault: { url: string; token: string; keyName: string; transitMount: string; secretsMount: string } | undefined;
}

/** Reads the settings from environment variables; throws {@link ConfigError} with one clear line. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ConfigError(`The setting ${issue?.path.join('.')} is wrong: ${issue?.message}.`);
  }
  const settings = parsed.data;
  if (settings.TRADEAI_DATABASE_URL && !settings.TRADEAI_SECRET_KEY) {
    throw new ConfigError(
      'The setting TRADEAI_SECRET_KEY is missing: with TRADEAI_DATABASE_URL it must be given (32 characters or more).',
    );
  }
  const local = ['127.0.0.1', '::1', 'localhost'].includes(settings.HOST);
  if (!local && !settings.TRADEAI_TRUST_PROXY) {
    throw new ConfigError(
      `The setting HOST is ${settings.HOST}: plain HTTP works on localhost only. Put a TLS proxy in front and set TRADEAI_TRUST_PROXY=1.`,
    );
  }
  return {
    port: settings.PORT,
    host: settings.HOST,
    dataDir: settings.TRADEAI_DATA,
    databaseUrl: settings.TRADEAI_DATABASE_URL,
    redisUrl: settings.TRADEAI_REDIS_URL,
    demo: settings.TRADEAI_DEMO ?? settings.TRADEAI_DATABASE_URL === undefined,
    demoPassword: settings.TRADEAI_DEMO_PASSWORD,
    secretKey: settings.TRADEAI_SECRET_KEY,
    keys: keyConfig(settings),
    publicUrl: settings.TRADEAI_PUBLIC_URL,
    trustProxy: settings.TRADEAI_TRUST_PROXY,
    corsOrigins: settings.TRADEAI_CORS_ORIGINS,
    outboundPrivate:
      settings.TRADEAI_OUTBOUND_PRIVATE ?? settings.TRADEAI_DEMO ?? settings.TRADEAI_DATABASE_URL === undefined,
    smtpUrl: settings.TRADEAI_SMTP_URL,
    mailFrom: settings.TRADEAI_MAIL_FROM,
    auditCheckpoints: settings.TRADEAI_AUDIT_CHECKPOINTS,
    auditWebhook: settings.TRADEAI_AUDIT_WEBHOOK,
    logLevel: settings.TRADEAI_LOG_LEVEL,
    modules: settings.MODULES === 'all' ? undefined : settings.MODULES.split(',').map((name) => name.trim()),
  };
}

function keyConfig(settings: z.output<typeof environment>): KeyConfig {
  const provider = settings.TRADEAI_KEYS ?? (settings.TRADEAI_DATABASE_URL ? 'environment' : 'file');
  const { TRADEAI_VAULT_URL: url, TRADEAI_VAULT_TOKEN: token } = settings;
  if (provider === 'vault' && (!url || !token)) {
    throw new ConfigError('The setting TRADEAI_KEYS is vault: set TRADEAI_VAULT_URL and TRADEAI_VAULT_TOKEN too.');
  }
  const mounts = {
    keyName: settings.TRADEAI_VAULT_KEY,
    transitMount: settings.TRADEAI_VAULT_TRANSIT_MOUNT,
    secretsMount: settings.TRADEAI_VAULT_SECRETS_MOUNT,
  };
  return {
    provider,
    encryptionKeys: settings.TRADEAI_KEY_ENCRYPTION_KEYS,
    vault: provider === 'vault' && url && token ? { url, token, ...mounts } : undefined,
  };
}
