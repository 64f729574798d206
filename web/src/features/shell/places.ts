import {
  IconArrowsSplit2,
  IconBook2,
  IconBuildingBank,
  IconCalendarWeek,
  IconCertificate,
  IconChartBar,
  IconChartDots3,
  IconDatabase,
  IconFileImport,
  IconFileInvoice,
  IconFileText,
  IconGitCompare,
  IconInbox,
  IconKey,
  IconListDetails,
  IconPlugConnected,
  IconReceipt2,
  IconScale,
  IconShieldCheck,
  IconShieldExclamation,
  IconSitemap,
  IconTargetArrow,
  IconUserShield,
  IconUsers,
} from '@tabler/icons-react';
import { isNarrowed } from '../../api/session.ts';
import type { User } from '../../api/shapes.ts';

/** The screens of the side bar: each is shown to those who hold one of its permissions. */
export const places = [
  { to: '/work', label: 'My work', icon: IconInbox, key: 'w', needs: ['workflows:act'] },
  { to: '/calendar', label: 'Trade calendar', icon: IconCalendarWeek, key: 'c', needs: ['promotions:read'] },
  { to: '/promotions', label: 'Promotions', icon: IconListDetails, key: 'p', needs: ['promotions:read'] },
  { to: '/account-plans', label: 'Account plan', icon: IconTargetArrow, key: 'n', needs: ['promotions:read'] },
  { to: '/scenarios', label: 'Scenarios', icon: IconGitCompare, key: 's', needs: ['promotions:read'] },
  { to: '/funds', label: 'Funds', icon: IconBuildingBank, key: 'f', needs: ['funds:read'] },
  { to: '/terms', label: 'Terms', icon: IconFileText, key: 't', needs: ['funds:read'] },
  { to: '/deductions', label: 'Deductions', icon: IconReceipt2, key: 'e', needs: ['claims:read'] },
  { to: '/claims', label: 'Claims', icon: IconFileInvoice, key: 'k', needs: ['claims:read'] },
  { to: '/accruals', label: 'Accruals and close', icon: IconBook2, key: 'b', needs: ['accruals:read'] },
  { to: '/results', label: 'Post-event analysis', icon: IconChartBar, key: 'r', needs: ['analytics:read'] },
  { to: '/live', label: 'Live', icon: IconPlugConnected, key: 'l', needs: ['promotions:read'], whole: true },
  { to: '/invariants', label: 'Invariants', icon: IconScale, key: 'v', needs: ['monitoring:read'], whole: true },
  { to: '/master-data', label: 'Master data', icon: IconDatabase, key: 'd', needs: ['customers:read'] },
  { to: '/imports', label: 'Imports', icon: IconFileImport, key: 'i', needs: ['bulk:import'] },
  { to: '/workflow', label: 'Workflow', icon: IconSitemap, key: 'h', needs: ['workflows:design'], whole: true },
  { to: '/models', label: 'Models', icon: IconChartDots3, key: 'm', needs: ['analytics:read'] },
  { to: '/audit', label: 'Audit', icon: IconShieldCheck, key: 'a', needs: ['audit:read'], whole: true },
  {
    to: '/security-alerts',
    label: 'Security alerts',
    icon: IconShieldExclamation,
    key: 'x',
    needs: ['audit:read'],
    whole: true,
  },
  { to: '/compliance', label: 'Compliance', icon: IconCertificate, key: 'o', needs: ['audit:read'], whole: true },
  { to: '/people', label: 'People', icon: IconUsers, key: 'u', needs: ['users:manage', 'audit:read'], whole: true },
  { to: '/sign-in-settings', label: 'Sign-in', icon: IconKey, key: 'j', needs: ['users:manage'], whole: true },
  { to: '/duties', label: 'Duties', icon: IconArrowsSplit2, key: 'y', needs: ['audit:read'], whole: true },
  { to: '/privacy', label: 'Privacy', icon: IconUserShield, key: 'q', needs: ['privacy:manage'], whole: true },
] as const;

/** Whether somebody may open a screen: one that shows the whole tenant is closed to who is kept to a part of it. */
export function isOpenTo(place: (typeof places)[number], user: User | null): boolean {
  return (
    !('whole' in place && isNarrowed(user)) && place.needs.some((permission) => user?.permissions.includes(permission))
  );
}

/** The keys that work everywhere or in most lists, for the help. */
export const keyHelp: readonly [string, string][] = [
  ['⌘K or Ctrl K', 'Search everything with a code or a name'],
  ['g then a letter', 'Go to a screen (the letter stands beside it)'],
  ['j / k', 'Next / previous row'],
  ['Enter', 'Open the row'],
  ['a', 'Approve'],
  ['r', 'Reject'],
  ['b', 'Return to the maker'],
  ['x', 'Pick the task, to decide several together'],
  ['e', 'Edit'],
  ['c', 'New promotion'],
  ['/', 'Filter the list'],
  ['Esc', 'Close'],
  ['?', 'This help'],
];
