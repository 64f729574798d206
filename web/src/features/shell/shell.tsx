import { ActionIcon, Modal, Table, Tooltip, useMantineColorScheme } from '@mantine/core';
import { IconAlertTriangle, IconLogout, IconMenu2, IconMoon, IconSearch, IconSun } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { tasksQuery } from '../../api/queries.ts';
import { session, useMay, useUser } from '../../api/session.ts';
import { live } from '../../live/socket.ts';
import { useLiveRefresh } from '../../live/use-live.ts';
import { instantText, wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { ProofDialog } from '../sign-in/proof-dialog.tsx';
import { ConnectionMark } from './connection-mark.tsx';
import { Palette } from './palette.tsx';
import { isOpenTo, keyHelp, places } from './places.ts';

function Help({ opened, close }: { opened: boolean; close(): void }) {
  return (
    <Modal opened={opened} onClose={close} title="Keys">
      <Table fz="sm">
        <Table.Tbody>
          {keyHelp.map(([key, what]) => (
            <Table.Tr key={key}>
              <Table.Td w={150}>
                <span className="kbd">{key}</span>
              </Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}

function usePlaces() {
  const user = useUser();
  return places.filter((place) => isOpenTo(place, user));
}

function SideBar({ open, search }: { open: boolean; search(): void }) {
  const user = useUser();
  const visible = usePlaces();
  const may = useMay();
  const tasks = useQuery({ ...tasksQuery, enabled: may('workflows:act') });
  const client = useQueryClient();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const dark = colorScheme === 'dark';
  const leave = async () => {
    await session.leave();
    client.clear();
    // Signing out has the browser forget everything: how the screen looks is nobody's secret.
    setColorScheme(colorScheme);
  };
  return (
    <nav className="side" data-open={open} aria-label="Screens">
      <div className="brand">
        <img src="/favicon.svg" alt="" />
        TRADEAI
      </div>
      <button type="button" className="side-button" onClick={search}>
        <IconSearch size={16} aria-hidden="true" />
        Search
        <kbd>⌘K</kbd>
      </button>
      {visible.map((place) => (
        <Link
          key={place.to}
          to={place.to}
          activeOptions={{ includeSearch: false }}
          activeProps={{ className: 'active' }}
        >
          <place.icon size={16} aria-hidden="true" />
          {place.label}
          {place.to === '/work' && tasks.data && tasks.data.length > 0 && (
            <span className="badge">{tasks.data.length}</span>
          )}
        </Link>
      ))}
      <div className="side-foot">
        <Link to="/my-account" className="person" activeProps={{ className: 'active' }} title="My account">
          <span className="cut">
            <b>{user?.name ?? user?.email}</b>
          </span>
          <span className="t-dim t-sm cut">{user?.roles.map(wordsOf).join(', ')}</span>
        </Link>
        <div className="row spread" style={{ padding: '4px 8px' }}>
          <ConnectionMark />
          <div className="row" style={{ gap: 2 }}>
            <Tooltip label={dark ? 'Light colours' : 'Dark colours'}>
              <ActionIcon
                variant="subtle"
                color="gray"
                size="sm"
                aria-label={dark ? 'Light colours' : 'Dark colours'}
                onClick={() => setColorScheme(dark ? 'light' : 'dark')}
              >
                {dark ? <IconSun size={15} /> : <IconMoon size={15} />}
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Sign out">
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Sign out" onClick={leave}>
                <IconLogout size={15} />
              </ActionIcon>
            </Tooltip>
          </div>
        </div>
      </div>
    </nav>
  );
}

/** What surrounds every screen after the sign-in: side bar, search, keys, the live connection. */
export function Shell() {
  const user = useUser();
  const navigate = useNavigate();
  const may = useMay();
  const visible = usePlaces();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [searching, setSearching] = useState(false);
  const [helping, setHelping] = useState(false);
  const [menuAt, setMenuAt] = useState<string | null>(null);
  const signedIn = user !== null;

  useEffect(() => {
    if (!signedIn) {
      void navigate({ to: '/sign-in', search: { to: location.pathname + location.search } });
      return;
    }
    live.start();
    return () => live.stop();
  }, [signedIn, navigate]);
  useLiveRefresh(signedIn && may('promotions:read'));

  useKeys({
    'mod+k': () => setSearching(true),
    '?': () => setHelping(true),
    c: () => {
      if (may('promotions:create')) void navigate({ to: '/promotions/new' });
    },
    ...Object.fromEntries(visible.map((place) => [`g ${place.key}`, () => void navigate({ to: place.to })])),
  });

  if (!signedIn) return null;
  const menuOpen = menuAt === path;
  return (
    <div className="shell">
      <div className="topbar">
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label="Screens"
          aria-expanded={menuOpen}
          onClick={() => setMenuAt(menuOpen ? null : path)}
        >
          <IconMenu2 size={20} />
        </ActionIcon>
        <b>TRADEAI</b>
        <ConnectionMark />
      </div>
      <SideBar open={menuOpen} search={() => setSearching(true)} />
      <main className="main" onPointerDown={() => menuAt && setMenuAt(null)}>
        {user?.emergencyUntil && (
          <div className="emergency" role="alert">
            <IconAlertTriangle size={16} aria-hidden="true" />
            Emergency access to this tenant is open until {instantText(user.emergencyUntil)}. Everything done with it is
            in the audit trail.
          </div>
        )}
        <Outlet />
      </main>
      <ProofDialog />
      <Palette opened={searching} close={() => setSearching(false)} />
      <Help opened={helping} close={() => setHelping(false)} />
    </div>
  );
}
