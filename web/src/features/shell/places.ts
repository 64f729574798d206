import {
  IconBuildingBank,
  IconCalendarWeek,
  IconChartDots3,
  IconFileImport,
  IconInbox,
  IconListDetails,
  IconPlugConnected,
  IconShieldCheck,
  IconUsers,
} from '@tabler/icons-react';

/** The screens of the side bar: each is shown to those who hold one of its permissions. */
export const places = [
  { to: '/work', label: 'My work', icon: IconInbox, key: 'w', needs: ['workflows:act'] },
  { to: '/calendar', label: 'Trade calendar', icon: IconCalendarWeek, key: 'c', needs: ['promotions:read'] },
  { to: '/promotions', label: 'Promotions', icon: IconListDetails, key: 'p', needs: ['promotions:read'] },
  { to: '/funds', label: 'Funds', icon: IconBuildingBank, key: 'f', needs: ['funds:read'] },
  { to: '/live', label: 'Live', icon: IconPlugConnected, key: 'l', needs: ['promotions:read'] },
  { to: '/imports', label: 'Imports', icon: IconFileImport, key: 'i', needs: ['bulk:import'] },
  { to: '/models', label: 'Models', icon: IconChartDots3, key: 'm', needs: ['analytics:read'] },
  { to: '/audit', label: 'Audit', icon: IconShieldCheck, key: 'a', needs: ['audit:read'] },
  { to: '/people', label: 'People', icon: IconUsers, key: 'u', needs: ['users:manage'] },
] as const;

/** The keys that work everywhere or in most lists, for the help. */
export const keyHelp: readonly [string, string][] = [
  ['⌘K or Ctrl K', 'Search promotions, customers and screens'],
  ['g then a letter', 'Go to a screen (the letter stands beside it)'],
  ['j / k', 'Next / previous row'],
  ['Enter', 'Open the row'],
  ['a', 'Approve'],
  ['r', 'Reject'],
  ['b', 'Return to the maker'],
  ['e', 'Edit'],
  ['c', 'New promotion'],
  ['/', 'Filter the list'],
  ['Esc', 'Close'],
  ['?', 'This help'],
];
