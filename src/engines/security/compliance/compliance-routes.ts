import { z } from 'zod';
import {
  type AnyRoute,
  dateSchema,
  idParams,
  idSchema,
  listQuery,
  listQueryShape,
  nameSchema,
  noteSchema,
  pageOf,
  route,
} from '#http';
import { type Control, frameworks } from '#module';
import { notFound } from '#problem';
import { changeFinding, raiseFinding } from './change-finding.ts';
import { collectEvidence } from './collect-evidence.ts';
import { type ComplianceReport, compileReport, standingOf } from './compile-report.ts';
import {
  countFindings,
  type Evidence,
  type Finding,
  lastEvidence,
  listEvidence,
  listFindings,
} from './compliance-store.ts';
import { frameworkTexts } from './frameworks.ts';
import type { KnownTests } from './recorded-tests.ts';
import { reportPdf } from './report-pdf.ts';

const frameworkSchema = z.enum(frameworks);
const frameworkParams = z.strictObject({ framework: frameworkSchema });
const severitySchema = z.enum(['high', 'medium', 'low']);
const standingSchema = z.enum(['holds', 'fails', 'unproved', 'stale', 'never']);

const evidenceSchema = z.object({
  id: idSchema,
  controlCode: z.string(),
  at: z.iso.datetime(),
  outcome: z.enum(['holds', 'fails', 'unproved']),
  measured: z.string(),
  exceptions: z.array(z.string()),
  collectedBy: idSchema,
});

const controlSchema = z.object({
  code: z.string(),
  frameworks: z.array(frameworkSchema),
  title: z.string(),
  statement: z.string(),
  ownerRole: z.string(),
  severity: severitySchema,
  everyDays: z.number().int(),
  shownBy: z.enum(['query', 'tests']),
  standing: standingSchema,
  evidence: evidenceSchema.nullable(),
});

const findingSchema = z.object({
  id: idSchema,
  framework: frameworkSchema,
  controlCode: z.string().nullable(),
  title: z.string(),
  detail: z.string(),
  severity: severitySchema,
  ownerId: idSchema.nullable(),
  dueOn: z.iso.date(),
  openedAt: z.iso.datetime(),
  openedBy: idSchema,
  closedAt: z.iso.datetime().nullable(),
  closedBy: idSchema.nullable(),
  resolution: z.string().nullable(),
  version: z.number().int(),
});

const reportSchema = z.object({
  framework: frameworkSchema,
  name: z.string(),
  scope: z.string(),
  tenant: z.string(),
  compiledAt: z.iso.datetime(),
  controls: z.array(controlSchema),
  findings: z.array(findingSchema.extend({ ownerName: z.string().nullable(), overdue: z.boolean() })),
});

const evidenceJson = (evidence: Evidence) => ({ ...evidence, at: evidence.at.toISOString() });

function findingJson<F extends Finding>(finding: F) {
  const closedAt = finding.closedAt?.toISOString() ?? null;
  return { ...finding, openedAt: finding.openedAt.toISOString(), closedAt };
}

function controlJson(control: Control, evidence: Evidence | undefined, now: Date) {
  const { code, title, statement, ownerRole, severity, everyDays } = control;
  return {
    ...{ code, title, statement, ownerRole, severity, everyDays },
    frameworks: [...control.frameworks],
    shownBy: control.evidence.kind,
    standing: standingOf(control, evidence, now),
    evidence: evidence ? evidenceJson(evidence) : null,
  };
}

function reportJson(report: ComplianceReport) {
  return {
    ...report,
    compiledAt: report.compiledAt.toISOString(),
    controls: report.controls.map(({ control, evidence }) => controlJson(control, evidence, report.compiledAt)),
    findings: report.findings.map(findingJson),
  };
}

/** `/compliance`: frameworks, controls with their evidence, findings, reports. */
export function complianceRoutes(controls: readonly Control[], tests: KnownTests | undefined): readonly AnyRoute[] {
  const named = (code: string) => controls.find((control) => control.code === code) ?? notFound('control', code);
  const codeParams = z.strictObject({ code: z.string().regex(/^[a-z][a-z0-9.-]{2,80}$/) });
  return [
    route({
      method: 'GET',
      path: '/compliance/frameworks',
      summary: 'How each framework stands: controls by standing, open and overdue findings',
      ...{ access: 'audit:read', reach: 'tenant' },
      answers: {
        200: z.object({
          items: z.array(
            z.object({
              framework: frameworkSchema,
              ...{ name: z.string(), scope: z.string() },
              controls: z.record(standingSchema, z.number().int()),
              ...{ open: z.number().int(), overdue: z.number().int() },
            }),
          ),
        }),
      },
      handle: async (context) => {
        const now = context.clock.now();
        const { last, counts } = await context.db.read(context, async (tx) => ({
          last: await lastEvidence(tx),
          counts: await countFindings(tx, now.toISOString().slice(0, 10)),
        }));
        const items = frameworks.map((framework) => {
          const standings = controls
            .filter((control) => control.frameworks.includes(framework))
            .map((control) => standingOf(control, last.get(control.code), now));
          const of = (wanted: string) => standings.filter((standing) => standing === wanted).length;
          const tally = {
            holds: of('holds'),
            fails: of('fails'),
            unproved: of('unproved'),
            stale: of('stale'),
            never: of('never'),
          };
          return {
            framework,
            ...frameworkTexts[framework],
            controls: tally,
            ...(counts.get(framework) ?? { open: 0, overdue: 0 }),
          };
        });
        return { body: { items } };
      },
    }),
    route({
      method: 'GET',
      path: '/compliance/controls',
      summary: 'The register of controls with their last evidence',
      ...{ access: 'audit:read', reach: 'tenant' },
      query: z.strictObject({ framework: frameworkSchema.optional() }),
      answers: { 200: z.object({ items: z.array(controlSchema) }) },
      handle: async (context, { query }) => {
        const last = await context.db.read(context, (tx) => lastEvidence(tx));
        const items = controls
          .filter((control) => !query.framework || control.frameworks.includes(query.framework))
          .map((control) => controlJson(control, last.get(control.code), context.clock.now()));
        return { body: { items } };
      },
    }),
    route({
      method: 'GET',
      path: '/compliance/controls/:code/evidence',
      summary: 'Every look at a control, newest first',
      ...{ access: 'audit:read', reach: 'tenant' },
      params: codeParams,
      query: listQuery,
      answers: { 200: pageOf(evidenceSchema) },
      handle: async (context, { params, query }) => {
        const page = await context.db.read(context, (tx) => listEvidence(tx, named(params.code).code, query));
        return { body: { ...page, items: page.items.map(evidenceJson) } };
      },
    }),
    route({
      method: 'POST',
      path: '/compliance/controls/:code/evidence',
      summary: 'Look at a control now; failing evidence opens a finding',
      ...{ access: 'audit:read', reach: 'tenant' },
      params: codeParams,
      answers: { 201: evidenceSchema },
      handle: async (context, { params }) => ({
        body: evidenceJson(await collectEvidence(context, named(params.code), tests)),
      }),
    }),
    route({
      method: 'GET',
      path: '/compliance/findings',
      summary: 'Findings, those due first',
      ...{ access: 'audit:read', reach: 'tenant' },
      query: z.strictObject({
        ...listQueryShape,
        framework: frameworkSchema.optional(),
        state: z.enum(['open', 'closed']).optional(),
      }),
      answers: { 200: pageOf(findingSchema) },
      handle: async (context, { query }) => {
        const open = query.state === undefined ? undefined : query.state === 'open';
        const page = await context.db.read(context, (tx) =>
          listFindings(tx, { framework: query.framework, open }, query),
        );
        return { body: { ...page, items: page.items.map(findingJson) } };
      },
    }),
    route({
      method: 'POST',
      path: '/compliance/findings',
      summary: 'Raise a finding',
      ...{ access: 'audit:read', reach: 'tenant' },
      body: z.strictObject({
        framework: frameworkSchema,
        title: nameSchema,
        detail: noteSchema,
        severity: severitySchema,
        ownerId: idSchema.nullable(),
        dueOn: dateSchema,
      }),
      answers: { 201: findingSchema },
      handle: async (context, { body }) => ({ body: findingJson(await raiseFinding(context, body)), version: 1 }),
    }),
    route({
      method: 'PATCH',
      path: '/compliance/findings/:id',
      summary: 'Give a finding an owner or a date, or close it with a resolution',
      ...{ access: 'audit:read', reach: 'tenant' },
      params: idParams,
      body: z
        .strictObject({
          ownerId: idSchema.nullable().optional(),
          dueOn: dateSchema.optional(),
          severity: severitySchema.optional(),
          resolution: noteSchema.min(1).optional(),
        })
        .refine((change) => Object.keys(change).length > 0, 'must change something'),
      answers: { 200: findingSchema },
      handle: async (context, { params, body, ifMatch }) => {
        const finding = await changeFinding(context, params.id, body, ifMatch);
        return { body: findingJson(finding), version: finding.version };
      },
    }),
    route({
      method: 'GET',
      path: '/compliance/reports/:framework',
      summary: 'The report on a framework: controls, evidence, findings with owner and due date',
      ...{ access: 'audit:read', reach: 'tenant' },
      params: frameworkParams,
      answers: { 200: reportSchema },
      handle: async (context, { params }) => ({
        body: reportJson(await compileReport(context, controls, params.framework)),
      }),
    }),
    route({
      method: 'GET',
      path: '/compliance/reports/:framework/pdf',
      summary: 'The report on a framework as PDF',
      ...{ access: 'audit:read', reach: 'tenant' },
      params: frameworkParams,
      answers: { 200: null },
      handle: async (context, { params, reply }) => {
        const report = await compileReport(context, controls, params.framework);
        const name = `${params.framework.toLowerCase()}-${report.compiledAt.toISOString().slice(0, 10)}.pdf`;
        reply.header('content-type', 'application/pdf');
        reply.header('content-disposition', `attachment; filename="${name}"`);
        return { body: await reportPdf(report) };
      },
    }),
  ];
}
