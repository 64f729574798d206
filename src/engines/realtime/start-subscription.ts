import type { LogPosition } from '#events';
import type { Hub } from './hub.ts';
import type { GapReason } from './protocol.ts';
import type { SharedEvent, Subscription } from './subscription.ts';

/**
 * Gives a new subscription its start: the events after `resume` where they can be had in full, else a snapshot (after a
 * gap, when a resume was asked for). It listens already, so nothing falls between. `confirm` is called right before the
 * first frame, with where the subscription goes on from and whether nothing was missed.
 */
export async function startSubscription(
  hub: Hub,
  tenantId: string,
  subscription: Subscription,
  resume: LogPosition | undefined,
  confirm: (position: LogPosition, complete: boolean) => void,
): Promise<void> {
  const missed = resume ? await missedSince(hub, tenantId, subscription.parts.from, resume) : undefined;
  const snapshot = await subscription.parts.view.read();
  if (subscription.ended) return;
  if (resume && Array.isArray(missed)) {
    confirm(resume, true);
    subscription.resumeWith(resume, missed, snapshot);
    return;
  }
  const gap = Array.isArray(missed) ? undefined : missed;
  confirm(snapshot.position, gap === undefined);
  subscription.startWith(snapshot, gap);
}

/** Gives a subscription whose queue was dropped a gap and a new snapshot. */
export async function restartSubscription(subscription: Subscription): Promise<void> {
  subscription.hold();
  const snapshot = await subscription.parts.view.read();
  subscription.startWith(snapshot, 'slow_consumer');
}

async function missedSince(
  hub: Hub,
  tenantId: string,
  end: LogPosition,
  resume: LogPosition,
): Promise<SharedEvent[] | GapReason> {
  if (resume.epoch !== end.epoch) return 'epoch_changed';
  // Another process may have read further than this one.
  if (!(await hub.reach(resume.offset))) return 'position_unknown';
  return (await hub.missed(tenantId, resume.offset, end.offset)) ?? 'too_far_behind';
}
