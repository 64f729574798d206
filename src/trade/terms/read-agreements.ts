import { todayIn } from '#clock';
import type { Context } from '#context';
import type { ListRequest, Page, TenantTx } from '#db';
import { customerAncestorsOfEach, customerLeaves, fiscalWeeks } from '#master-data';
import { notFound, Problem } from '#problem';
import { type AgreementJson, agreementJson, type LineJson, lineJson, versionsAt } from './agreement-json.ts';
import type { Attainment } from './domain/attainment.ts';
import type { ScopedLine, TermTier } from './domain/term-line.ts';
import { measuredOf, thresholds } from './domain/tier-rebate.ts';
import type { TermsPorts } from './ports.ts';
import { attainmentOf, readYearOfScope, type YearOfScope } from './read-attainment.ts';
import { readTermLines } from './read-terms.ts';
import { type AgreementFilter, allAgreements, findAgreements, findVersions, listAgreements } from './terms-store.ts';

type Tx = TenantTx<Context>;

/** An agreement by id, as it stood at an instant where one is given. Throws `not_found`. */
export async function readAgreement(tx: Tx, id: string, asOf?: Date): Promise<AgreementJson> {
  const [agreement] = await findAgreements(tx, { ids: [id] });
  return agreement ? agreementJson(agreement, await findVersions(tx, [id]), asOf) : notFound('agreement', id);
}

/** A page of agreements; `customerId`: those at the customer, above it and below it. */
export async function readAgreements(
  tx: Tx,
  filter: Omit<AgreementFilter, 'customerIds'> & { customerId?: string | undefined },
  request: ListRequest,
  asOf?: Date,
): Promise<Page<AgreementJson>> {
  const { customerId, ...rest } = filter;
  const lines = customerId ? await customerAncestorsOfEach(tx, await customerLeaves(tx, customerId)) : null;
  const customerIds = lines ? [...new Set([...lines.values()].flat())] : undefined;
  const page = await listAgreements(tx, { ...rest, customerIds }, request);
  const ids = page.items.map(({ id }) => id);
  const versions = Map.groupBy(await findVersions(tx, ids), ({ agreementId }) => agreementId);
  return { ...page, items: page.items.map((one) => agreementJson(one, versions.get(one.id) ?? [], asOf)) };
}

/** Every agreement by code, with what is in force and what waits for a yes. */
export async function readAllAgreements(tx: Tx): Promise<AgreementJson[]> {
  const all = await allAgreements(tx);
  const ids = all.map(({ id }) => id);
  const versions = Map.groupBy(await findVersions(tx, ids), ({ agreementId }) => agreementId);
  return all.map((one) => agreementJson(one, versions.get(one.id) ?? []));
}

interface TierJson {
  from: string;
  rate: string;
}

/** A tiered line with where it stands. */
export interface LineAttainment extends Pick<Attainment, 'figures'> {
  line: LineJson;
  attained: TierJson | null;
  expected: TierJson | null;
  low: TierJson | null;
  high: TierJson | null;
  next: TierJson | null;
  /** In what the tiers measure; null where they cannot be told (growth without a year before). */
  thresholds: TierJson[] | null;
}

/** Where the tiered lines of an agreement stand in a fiscal year. */
export interface AgreementAttainment {
  agreementId: string;
  fiscalYear: number;
  startsOn: string;
  endsOn: string;
  currency: string;
  through: string | null;
  method: string | null;
  lines: LineAttainment[];
}

const tierJson = (tier: TermTier | null | undefined): TierJson | null =>
  tier ? { from: tier.from.toDecimalPlaces(6).toFixed(), rate: tier.rate.toString() } : null;

const bare = ({ code, kind, basis, rate, tiers, condition, payment }: ScopedLine): LineJson =>
  lineJson({ code, kind, basis, rate, tiers, condition, payment });

function lineAttainment(line: ScopedLine, year: YearOfScope): LineAttainment {
  const { attained, expected, low, high, figures } = attainmentOf(line, year);
  const steps = thresholds(line, year.lastYear && measuredOf(line, year.lastYear));
  return {
    ...{ line: bare(line), figures, thresholds: steps?.map((step) => tierJson(step)!) ?? null },
    ...{ attained: tierJson(attained?.step), next: tierJson(attained?.next), expected: tierJson(expected?.step) },
    ...{ low: tierJson(low?.step), high: tierJson(high?.step) },
  };
}

/**
 * Attainment of an agreement's tiered lines in a fiscal year, that of today where none is named. Throws `not_found`,
 * `state.conflict` where nothing was agreed, `calendar.missing`.
 */
export async function readAttainment(
  tx: Tx,
  ports: TermsPorts,
  id: string,
  year?: number,
): Promise<AgreementAttainment> {
  const [agreement] = await findAgreements(tx, { ids: [id] });
  if (!agreement) notFound('agreement', id);
  const { current } = versionsAt(await findVersions(tx, [id]));
  if (!current) throw new Problem('state.conflict', { detail: `${agreement.code} has not been agreed.` });
  const today = todayIn(tx.context.clock, tx.context.tenant.timeZone);
  const fiscalYear = year ?? (await fiscalWeeks(tx, today, today))[0]!.fiscalYear;
  const currency = current.fx?.to ?? agreement.currency;
  const scope = await readYearOfScope(tx, ports, { ...agreement, currency }, fiscalYear);
  const [startsOn, endsOn] = [scope.weeks[0]!.startsOn, scope.weeks.at(-1)!.endsOn];
  const { customerId, productId } = agreement;
  const book = await readTermLines(tx, {
    ...{ customerIds: [customerId], productIds: productId ? [productId] : [], from: startsOn, to: endsOn },
  });
  const tiered = book.lines.filter((line) => line.agreementId === id && line.tiers);
  return {
    ...{ agreementId: id, fiscalYear, startsOn, endsOn, currency },
    ...{ through: scope.through, method: scope.rest?.method ?? null },
    lines: tiered.map((line) => lineAttainment(line, scope)),
  };
}
