-- More ways to prove who one is, sessions that know when that was last done, keys for programs, single sign-on and
-- provisioning. Factors belong to people, who are global: only the system's role reaches them.
alter table identity.session
  add column methods text[] not null default '{password}',
  -- When and how the person last proved themselves in this session; null: never here, another system vouched for them.
  add column proved_at timestamptz,
  add column proved_by text collate "C",
  -- Set where they must prove themselves again before anything else.
  add column demanded_at timestamptz,
  -- Device and network, sealed.
  add column label bytea,
  -- MAC of device and network: tells that a session went on elsewhere.
  add column seen bytea;
update identity.session set proved_at = created_at, proved_by = 'password';
alter table identity.session drop constraint session_end_reason_check;
alter table identity.session add constraint session_end_reason_check check (end_reason in ('signed_out', 'token_reused',
  'password_changed', 'disabled', 'ended_by_owner', 'ended_by_administrator', 'factors_reset', 'locked', 'provisioning', 'alert'));

alter table identity.membership
  -- Locked after an alert: reversible, and no change of what an administrator decided.
  add column locked_at timestamptz,
  add column locked_reason text,
  -- Emergency access ends by itself.
  add column expires_at timestamptz;
create index membership_emergency on identity.membership (tenant_id, expires_at) where expires_at is not null;

create table identity.sign_in_policy (
  tenant_id uuid primary key references identity.tenant,
  second_factor text collate "C" not null check (second_factor in ('optional', 'required')),
  version integer not null default 1
);
call platform.protect_tenant_table('identity.sign_in_policy', 'select, insert, update');
call platform.admit_system('identity.sign_in_policy', 'select');

create table identity.totp (
  id uuid primary key,
  person_id uuid not null references identity.person,
  -- Sealed under the person's key.
  secret bytea not null,
  confirmed_at timestamptz,
  -- The last time step whose code was taken: each works once.
  last_step bigint,
  created_at timestamptz not null
);
create unique index totp_confirmed on identity.totp (person_id) where confirmed_at is not null;
create index totp_person on identity.totp (person_id);

create table identity.recovery_code (
  person_id uuid not null references identity.person,
  mac bytea not null,
  created_at timestamptz not null,
  used_at timestamptz,
  primary key (person_id, mac)
);

create table identity.passkey (
  id uuid primary key,
  person_id uuid not null references identity.person,
  credential_id text collate "C" not null unique,
  public_key bytea not null,
  -- Signature counter of the authenticator; 0 where it keeps none.
  counter bigint not null,
  transports text[] not null,
  backed_up boolean not null,
  name text not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index passkey_person on identity.passkey (person_id);

-- What was begun and waits for its second half: a second factor, a passkey, single sign-on, emergency access. Each is
-- spent once; only the SHA-256 of its token is kept.
create table identity.challenge (
  id uuid primary key,
  token_hash bytea not null unique,
  kind text collate "C" not null,
  person_id uuid references identity.person,
  data json not null,
  failures integer not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index challenge_age on identity.challenge (expires_at);

do $$ declare target regclass; begin
  foreach target in array array['identity.totp', 'identity.recovery_code', 'identity.passkey', 'identity.challenge']::regclass[] loop
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    call platform.admit_system(target, 'select, insert, update, delete');
  end loop;
end $$;
