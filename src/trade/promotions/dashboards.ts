import { z } from 'zod';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { type MoneyJson, moneyFromNumeric, toJson } from '#money';
import { type Channel, countEventsToday } from '#realtime';
import { countOpenTasks } from '#workflow';
import { countByState } from './promotion-store.ts';

/** What all funds of a currency hold for promotions at present; decimal strings as stored. */
export interface FundsHeld {
  currency: string;
  reserved: string;
  committed: string;
}

/** What the dashboard asks of others. */
export interface DashboardPorts {
  fundsHeld(tx: TenantTx<Context>): Promise<FundsHeld[]>;
}

/** With a customer, the channel carries the events of that customer's promotions and today's decisions on them. */
interface DashboardFilters {
  customerId?: string | undefined;
}

/** The measures of the `dashboard` channel as clients get them; each is absent where the filters leave it no meaning. */
export interface DashboardData {
  promotions?: { state: string; count: number; plannedSpend: MoneyJson }[];
  /** One amount a currency. */
  funds?: { reserved: MoneyJson[]; committed: MoneyJson[] };
  tasksOpen?: number;
  /** Approvals, rejections and returns since midnight in the tenant's time zone. */
  decisionsToday?: number;
}

type Measures = Channel<DashboardFilters>['measures'];

/** Events that the snapshot shows. */
const recentEvents = 20;
/** `decisionsToday` begins anew at midnight: so late it may be seen at most. */
const dayTurnMs = 60_000;

const decisions = ['approved', 'rejected', 'returned'] as const;

function eventData({ customerId }: DashboardFilters): Record<string, string> {
  return customerId ? { customerId } : {};
}

const wholeTenant = ({ customerId }: DashboardFilters): boolean => customerId === undefined;

async function promotionsByState(tx: TenantTx<Context>): Promise<DashboardData['promotions']> {
  const rows = await countByState(tx);
  return rows.map(({ state, count, currency, plannedSpend }) => ({
    state,
    count,
    plannedSpend: toJson(moneyFromNumeric(plannedSpend, currency)),
  }));
}

async function decisionsToday(tx: TenantTx<Context>, filters: DashboardFilters) {
  const types = decisions.map((decision) => `promotions.promotion.${decision}`);
  const counts = await countEventsToday(tx, { types, data: eventData(filters) });
  return Object.values(counts).reduce((all, count) => all + count, 0);
}

async function heldMoney(tx: TenantTx<Context>, { fundsHeld }: DashboardPorts): Promise<DashboardData['funds']> {
  const held = await fundsHeld(tx);
  const amounts = (column: 'reserved' | 'committed') =>
    held.map((row) => toJson(moneyFromNumeric(row[column], row.currency)));
  return { reserved: amounts('reserved'), committed: amounts('committed') };
}

function measuresWith(ports: DashboardPorts): Measures {
  return {
    promotions: { changedBy: ['promotions.promotion'], appliesTo: wholeTenant, read: promotionsByState },
    funds: {
      changedBy: ['funds.entry'],
      permission: 'funds:read',
      appliesTo: wholeTenant,
      read: (tx) => heldMoney(tx, ports),
    },
    tasksOpen: { changedBy: ['workflow.task'], appliesTo: wholeTenant, read: countOpenTasks },
    decisionsToday: {
      changedBy: decisions.map((decision) => `promotions.promotion.${decision}`),
      everyMs: dayTurnMs,
      read: decisionsToday,
    },
  };
}

/** The `dashboard` channel: how the tenant's promotions, their money and their approvals stand, and what just happened. */
export function dashboardChannel(ports: DashboardPorts): Channel<DashboardFilters> {
  return {
    name: 'dashboard',
    permission: 'promotions:read',
    filters: z.strictObject({ customerId: z.uuid().optional() }),
    measures: measuresWith(ports),
    events: [
      { type: 'promotions.promotion' },
      { type: 'workflow.task' },
      { type: 'funds.entry', permission: 'funds:read' },
      { type: 'performance.sales', permission: 'analytics:read' },
      { type: 'performance.model', permission: 'analytics:read' },
      { type: 'master_data.import.finished', permission: 'bulk:import' },
    ],
    recentEvents,
    eventData,
  };
}
