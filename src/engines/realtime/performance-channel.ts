import { monitorEventLoopDelay } from 'node:perf_hooks';
import { z } from 'zod';
import type { Channel } from './channel.ts';

/** How this process does, and what a tenant holds of it. */
export interface ProcessFigures {
  uptimeS: number;
  rssBytes: number;
  heapUsedBytes: number;
  /** Of the event loop since the last reading; median and 99th percentile. */
  eventLoopDelayMs: { p50: number; p99: number };
  /** Share of one core since the last reading. */
  cpuShare: number;
  sockets: number;
  subscriptions: number;
  logOffset: number;
}

/** What only the engine knows of a tenant. */
export interface TenantLoad {
  sockets: number;
  subscriptions: number;
  logOffset: number;
}

/** How often the figures are read. */
const everyMs = 5_000;

/** The `performance` channel: figures of the process that serves the socket, for those who watch over the product. */
export function makePerformanceChannel(loadOf: (tenantId: string) => TenantLoad): {
  channel: Channel<Record<string, never>>;
  close(): void;
} {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const sample = sampler(delay);
  const timer = setInterval(sample.take, everyMs).unref();
  const channel: Channel<Record<string, never>> = {
    name: 'performance',
    permission: 'monitoring:read',
    filters: z.strictObject({}),
    events: [],
    measures: {
      process: {
        changedBy: [],
        everyMs,
        read: async (tx): Promise<ProcessFigures> => ({ ...sample.last(), ...loadOf(tx.context.tenant.id) }),
      },
    },
  };
  const close = () => {
    clearInterval(timer);
    delay.disable();
  };
  return { channel, close };
}

type Sample = Omit<ProcessFigures, keyof TenantLoad>;

/** One reading for all tenants: percentiles begin anew with each. */
function sampler(delay: ReturnType<typeof monitorEventLoopDelay>): { take(): void; last(): Sample } {
  let usage = process.cpuUsage();
  let uptimeS = process.uptime();
  const read = (): Sample => {
    const used = process.cpuUsage(usage);
    const seconds = Math.max(process.uptime() - uptimeS, 0.001);
    const { rss, heapUsed } = process.memoryUsage();
    usage = process.cpuUsage();
    uptimeS = process.uptime();
    const eventLoopDelayMs = { p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6 };
    delay.reset();
    const cpuShare = (used.user + used.system) / 1e6 / seconds;
    return { uptimeS, rssBytes: rss, heapUsedBytes: heapUsed, eventLoopDelayMs, cpuShare };
  };
  let last = read();
  return {
    take: () => {
      last = read();
    },
    last: () => last,
  };
}
