import type pg from 'pg';

/** Tables without a tenant, each for a reason; every other table must carry `tenant_id`. */
export const tablesWithoutTenant: ReadonlySet<string> = new Set([
  // Sign-in runs before the tenant is known, and people are global; row-level security guards these in its own way.
  'identity.tenant',
  'identity.person',
  'identity.password',
  'identity.login_attempt',
  'identity.totp',
  'identity.recovery_code',
  'identity.passkey',
  'identity.challenge',
  // Which key store belongs here, and whose keys must be gone: people are global.
  'keys.store',
  'keys.erased_subject',
  // Public keys of the house; the application's role may not even read them.
  'audit.signing_key',
  // Positions of the one log, not its content.
  'event.cursor',
  'event.epoch',
  'platform.migration',
]);

/** Schemas of others, whose tables the application's role may not touch. */
const foreignSchemas = ['graphile_worker'];

const isolated = '(tenant_id = ( SELECT platform.current_tenant() AS current_tenant))';

const ourSchemas = `nspname !~ '^pg_' and nspname <> 'information_schema'`;

interface TableFacts {
  name: string;
  schema: string;
  partition: boolean;
  tenant: boolean;
  enabled: boolean;
  forced: boolean;
  policies: { name: string; permissive: boolean; command: string; using: string | null; check: string | null }[];
  /** What the application's role may do here, of the privileges that row-level security does not bind or at all. */
  privileges: string[];
}

const tableFacts = `
  select nspname || '.' || relname as name, nspname as schema, relispartition as partition,
    exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant_id' and not attisdropped) as tenant,
    relrowsecurity as enabled, relforcerowsecurity as forced,
    coalesce((select jsonb_agg(jsonb_build_object('name', polname, 'permissive', polpermissive, 'command', polcmd,
        'using', pg_get_expr(polqual, polrelid), 'check', pg_get_expr(polwithcheck, polrelid)))
      from pg_policy where polrelid = c.oid
        and polroles && array[0::oid, (select oid from pg_roles where rolname = 'tradeai_app')]), '[]') as policies,
    array(select privilege from unnest(array['select','insert','update','delete','truncate','references','trigger']) privilege
      where has_table_privilege('tradeai_app', c.oid, privilege)
        or (privilege in ('select','insert','update','references') and has_any_column_privilege('tradeai_app', c.oid, privilege))
    ) as privileges
  from pg_class c join pg_namespace n on n.oid = relnamespace
  where relkind in ('r', 'p', 'f') and ${ourSchemas} order by 1`;

function findingsOfTable(table: TableFacts): string[] {
  const { name, schema, tenant, enabled, forced, policies, privileges } = table;
  const found = (what: string) => `${name}: ${what}`;
  if (foreignSchemas.includes(schema)) {
    return privileges.length ? [found(`the application may ${privileges.join(', ')}`)] : [];
  }
  const unbound = privileges.filter((privilege) => ['truncate', 'references', 'trigger'].includes(privilege));
  const findings = unbound.map((privilege) => found(`the application may ${privilege}, which no policy binds`));
  if (!tenant) return tablesWithoutTenant.has(name) ? findings : [...findings, found('has no tenant_id')];
  if (!enabled) findings.push(found('row-level security is off'));
  if (!forced) findings.push(found('row-level security is not forced'));
  const permissive = policies.filter((policy) => policy.permissive);
  // A partition that nobody may open directly is reached through its parent only, under the parent's policy.
  if (permissive.length === 0 && !(table.partition && privileges.length === 0)) {
    findings.push(found('the application has no policy here'));
  }
  for (const { name: policy, command, using, check } of permissive) {
    if (command !== 'a' && using !== isolated) findings.push(found(`policy ${policy} shows ${using ?? 'everything'}`));
    const written = check ?? (command === 'a' ? null : using);
    if (command !== 'r' && command !== 'd' && written !== isolated) {
      findings.push(found(`policy ${policy} lets in ${written ?? 'everything'}`));
    }
  }
  return findings;
}

/** Queries that each answer what is wrong as rows of one text column, `finding`. */
const checks = [
  // A view runs as its owner, a superuser, unless told otherwise; a materialised one keeps the rows of all tenants.
  `select nspname || '.' || relname || ': the view does not run as its caller' as finding
   from pg_class c join pg_namespace n on n.oid = relnamespace
   where relkind = 'v' and ${ourSchemas} and nspname <> all ($1)
     and not coalesce('security_invoker=true' = any (reloptions) or 'security_invoker=on' = any (reloptions), false)`,
  `select nspname || '.' || relname || ': the application may read a materialised view' as finding
   from pg_class c join pg_namespace n on n.oid = relnamespace
   where relkind = 'm' and ${ourSchemas} and has_table_privilege('tradeai_app', c.oid, 'select')`,
  // Foreign keys look behind row-level security: without the tenant in the key they tell what others have.
  `select con.conrelid::regclass || ': foreign key ' || conname || ' leaves out tenant_id' as finding
   from pg_constraint con
   join pg_attribute here on here.attrelid = conrelid and here.attname = 'tenant_id' and not here.attisdropped
   join pg_attribute there on there.attrelid = confrelid and there.attname = 'tenant_id' and not there.attisdropped
   where contype = 'f' and not exists (
     select from unnest(conkey, confkey) as pair (mine, theirs) where mine = here.attnum and theirs = there.attnum)`,
  // A function that runs as its owner is a door in the wall.
  `select nspname || '.' || proname || ': the function runs as its owner' as finding
   from pg_proc p join pg_namespace n on n.oid = pronamespace
   where prosecdef and ${ourSchemas} and nspname <> all ($1) and has_function_privilege('tradeai_app', p.oid, 'execute')`,
  `select rolname || ': the role may ' || concat_ws(', ', case when rolsuper then 'do everything' end,
     case when rolbypassrls then 'bypass row-level security' end, case when rolcreaterole then 'create roles' end,
     case when rolcreatedb then 'create databases' end, case when rolreplication then 'replicate' end) as finding
   from pg_roles where rolname in ('tradeai_app', 'tradeai_system')
     and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)`,
  `select member::regrole || ': the role is a member of ' || roleid::regrole as finding from pg_auth_members
   where member in ('tradeai_app'::regrole, 'tradeai_system'::regrole)`,
  `select 'tradeai_app: the role owns ' || pg_describe_object(classid, objid, objsubid) as finding from pg_shdepend
   where deptype = 'o' and refobjid = 'tradeai_app'::regrole and refclassid = 'pg_authid'::regclass
     and dbid in (0, (select oid from pg_database where datname = current_database()))`,
  // The next table or partition must not be open before anybody has looked at it.
  `select 'default privileges give ' || defaclobjtype::text || ' to the application: ' || defaclacl::text as finding
   from pg_default_acl where exists (
     select from aclexplode(defaclacl) where grantee in (0, 'tradeai_app'::regrole) and defaclobjtype = 'r')`,
];

/**
 * What is wrong with the isolation of tenants in a database, read from its catalogue: one line a fault, none when
 * every wall stands. Needs an owner's connection.
 */
export async function isolationFindings(client: pg.Client): Promise<string[]> {
  const { rows: tables } = await client.query<TableFacts>(tableFacts);
  const findings = tables.flatMap(findingsOfTable);
  for (const check of checks) {
    const parameters = check.includes('$1') ? [foreignSchemas] : [];
    const { rows } = await client.query<{ finding: string }>(check, parameters);
    findings.push(...rows.map(({ finding }) => finding));
  }
  return findings;
}
