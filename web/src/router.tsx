import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { session } from './api/session.ts';
import { Lost, ScreenFailed } from './features/shell/lost.tsx';
import { isOpenTo, places } from './features/shell/places.ts';
import { Shell } from './features/shell/shell.tsx';
import { Emergency, SignedIn } from './features/sign-in/arrivals.tsx';
import { Accept, Forgot, Reset } from './features/sign-in/links.tsx';
import { SignIn } from './features/sign-in/sign-in.tsx';

/** Takes the named members of the query string as text; anything else is dropped. */
function texts<Name extends string>(...names: Name[]) {
  return (search: Record<string, unknown>): Partial<Record<Name, string>> => {
    const taken: Partial<Record<Name, string>> = {};
    for (const name of names) {
      const value = search[name];
      if (typeof value === 'string' || typeof value === 'number') taken[name] = String(value);
    }
    return taken;
  };
}

const root = createRootRoute({ component: Outlet, notFoundComponent: Lost, errorComponent: ScreenFailed });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: SignIn,
  validateSearch: texts('to', 'refused'),
});
const signedIn = createRoute({
  getParentRoute: () => root,
  path: '/signed-in',
  component: SignedIn,
  validateSearch: texts('to'),
});
const emergency = createRoute({ getParentRoute: () => root, path: '/emergency', component: Emergency });
const accept = createRoute({
  getParentRoute: () => root,
  path: '/accept',
  component: Accept,
});
const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset',
  component: Reset,
});
const forgot = createRoute({ getParentRoute: () => root, path: '/forgot', component: Forgot });

const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  component: Shell,
  beforeLoad: ({ location }) => {
    if (!session.user) throw redirect({ to: '/sign-in', search: { to: location.href } });
    if (session.user.demand === 'second_factor' && location.pathname !== '/my-account') {
      throw redirect({ to: '/my-account' });
    }
  },
});

const home = createRoute({
  getParentRoute: () => app,
  path: '/',
  beforeLoad: () => {
    const first = places.find((place) => isOpenTo(place, session.user));
    throw redirect({ to: first?.to ?? '/work' });
  },
});
const work = createRoute({
  getParentRoute: () => app,
  path: '/work',
  validateSearch: texts('task'),
  component: lazyRouteComponent(() => import('./features/my-work/my-work.tsx'), 'MyWork'),
});
const calendar = createRoute({
  getParentRoute: () => app,
  path: '/calendar',
  validateSearch: texts('customer', 'state', 'search', 'from', 'promotion'),
  component: lazyRouteComponent(() => import('./features/calendar/calendar.tsx'), 'Calendar'),
});
const promotions = createRoute({
  getParentRoute: () => app,
  path: '/promotions',
  validateSearch: texts('state', 'search', 'customer', 'sort', 'row'),
  component: lazyRouteComponent(() => import('./features/promotions/promotions.tsx'), 'Promotions'),
});
const newPromotion = createRoute({
  getParentRoute: () => app,
  path: '/promotions/new',
  validateSearch: texts('customer', 'from', 'to'),
  component: lazyRouteComponent(() => import('./features/workspace/new-promotion.tsx'), 'NewPromotion'),
});
const promotion = createRoute({
  getParentRoute: () => app,
  path: '/promotions/$id',
  validateSearch: texts('tab', 'from', 'asOf'),
  component: lazyRouteComponent(() => import('./features/workspace/workspace.tsx'), 'Workspace'),
});
const sellSheet = createRoute({
  getParentRoute: () => app,
  path: '/promotions/$id/sell-sheet',
  component: lazyRouteComponent(() => import('./features/sell-sheet/sell-sheet.tsx'), 'SellSheet'),
});
const funds = createRoute({
  getParentRoute: () => app,
  path: '/funds',
  validateSearch: texts('fund', 'search', 'by', 'asOf', 'tab', 'column', 'kind', 'alarms'),
  component: lazyRouteComponent(() => import('./features/funds/funds.tsx'), 'Funds'),
});
const accountPlans = createRoute({
  getParentRoute: () => app,
  path: '/account-plans',
  validateSearch: texts('plan', 'snapshot', 'period', 'line', 'column', 'by'),
  component: lazyRouteComponent(() => import('./features/account-plans/account-plan.tsx'), 'AccountPlans'),
});
const scenarios = createRoute({
  getParentRoute: () => app,
  path: '/scenarios',
  validateSearch: texts('plan', 'with', 'scenario'),
  component: lazyRouteComponent(() => import('./features/account-plans/scenarios.tsx'), 'Scenarios'),
});
const results = createRoute({
  getParentRoute: () => app,
  path: '/results',
  validateSearch: texts('by', 'from', 'to', 'sort', 'row'),
  component: lazyRouteComponent(() => import('./features/results/results.tsx'), 'Results'),
});
const securityAlerts = createRoute({
  getParentRoute: () => app,
  path: '/security-alerts',
  validateSearch: texts('tab', 'state', 'rule', 'incident'),
  component: lazyRouteComponent(() => import('./features/security-alerts/security-alerts.tsx'), 'SecurityAlerts'),
});
const compliance = createRoute({
  getParentRoute: () => app,
  path: '/compliance',
  validateSearch: texts('framework'),
  component: lazyRouteComponent(() => import('./features/compliance/compliance.tsx'), 'Compliance'),
});
const myAccount = createRoute({
  getParentRoute: () => app,
  path: '/my-account',
  component: lazyRouteComponent(() => import('./features/my-account/my-account.tsx'), 'MyAccount'),
});
const signInSettings = createRoute({
  getParentRoute: () => app,
  path: '/sign-in-settings',
  validateSearch: texts('account'),
  component: lazyRouteComponent(() => import('./features/sign-in/settings.tsx'), 'SignInSettings'),
});
const invariants = createRoute({
  getParentRoute: () => app,
  path: '/invariants',
  component: lazyRouteComponent(() => import('./features/invariants/invariants.tsx'), 'Invariants'),
});
const masterData = createRoute({
  getParentRoute: () => app,
  path: '/master-data',
  validateSearch: texts('part', 'search', 'row', 'asOf'),
  component: lazyRouteComponent(() => import('./features/master-data/master-data.tsx'), 'MasterData'),
});
const accruals = createRoute({
  getParentRoute: () => app,
  path: '/accruals',
  validateSearch: texts('period', 'view'),
  component: lazyRouteComponent(() => import('./features/books/books.tsx'), 'Books'),
});
const terms = createRoute({
  getParentRoute: () => app,
  path: '/terms',
  validateSearch: texts('agreement', 'search', 'open', 'tab', 'year', 'at', 'product'),
  component: lazyRouteComponent(() => import('./features/terms/terms.tsx'), 'Terms'),
});
const deductions = createRoute({
  getParentRoute: () => app,
  path: '/deductions',
  validateSearch: texts('item', 'station', 'search', 'sort'),
  component: lazyRouteComponent(() => import('./features/claims/desk.tsx'), 'DeductionDesk'),
});
const claims = createRoute({
  getParentRoute: () => app,
  path: '/claims',
  validateSearch: texts('item', 'station', 'search', 'sort'),
  component: lazyRouteComponent(() => import('./features/claims/desk.tsx'), 'Claims'),
});
const liveRoom = createRoute({
  getParentRoute: () => app,
  path: '/live',
  component: lazyRouteComponent(() => import('./features/live/live-room.tsx'), 'LiveRoom'),
});
const imports = createRoute({
  getParentRoute: () => app,
  path: '/imports',
  validateSearch: texts('run'),
  component: lazyRouteComponent(() => import('./features/imports/imports.tsx'), 'Imports'),
});
const models = createRoute({
  getParentRoute: () => app,
  path: '/models',
  component: lazyRouteComponent(() => import('./features/models/models.tsx'), 'Models'),
});
const audit = createRoute({
  getParentRoute: () => app,
  path: '/audit',
  validateSearch: texts('view', 'actorId', 'entityType', 'entityId', 'action', 'requestId', 'from', 'to', 'entry'),
  component: lazyRouteComponent(() => import('./features/audit/audit.tsx'), 'Audit'),
});
const people = createRoute({
  getParentRoute: () => app,
  path: '/people',
  validateSearch: texts('tab', 'on', 'row'),
  component: lazyRouteComponent(() => import('./features/people/people.tsx'), 'People'),
});

const duties = createRoute({
  getParentRoute: () => app,
  path: '/duties',
  validateSearch: texts('tab', 'from', 'to', 'conflict'),
  component: lazyRouteComponent(() => import('./features/duties/duties.tsx'), 'Duties'),
});

const privacy = createRoute({
  getParentRoute: () => app,
  path: '/privacy',
  validateSearch: texts('tab', 'state', 'row', 'request', 'breach'),
  component: lazyRouteComponent(() => import('./features/privacy/privacy.tsx'), 'Privacy'),
});

const workflow = createRoute({
  getParentRoute: () => app,
  path: '/workflow',
  validateSearch: texts(
    'tab',
    'version',
    'decision',
    'state',
    'stopped',
    'row',
    'process',
    'hash',
    'from',
    'to',
    'time',
    'way',
    'step',
    'next',
    'what',
  ),
  component: lazyRouteComponent(() => import('./features/workflow/workflow.tsx'), 'Workflow'),
});
const workflowInstance = createRoute({
  getParentRoute: () => app,
  path: '/workflow/instances/$id',
  component: lazyRouteComponent(() => import('./features/workflow/instance.tsx'), 'Instance'),
});
const workflowDrawing = createRoute({
  getParentRoute: () => app,
  path: '/workflow/draw',
  validateSearch: texts('version', 'shipped'),
  component: lazyRouteComponent(() => import('./features/process-drawing/draw-process.tsx'), 'DrawProcess'),
});

/** The router: every screen's address and the state it keeps there. */
export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    signedIn,
    emergency,
    accept,
    reset,
    forgot,
    app.addChildren([
      home,
      work,
      calendar,
      promotions,
      newPromotion,
      promotion,
      sellSheet,
      funds,
      terms,
      accruals,
      deductions,
      claims,
      accountPlans,
      scenarios,
      results,
      compliance,
      securityAlerts,
      invariants,
      masterData,
      liveRoom,
      imports,
      models,
      audit,
      people,
      myAccount,
      signInSettings,
      duties,
      privacy,
      workflow,
      workflowInstance,
      workflowDrawing,
    ]),
  ]),
  defaultErrorComponent: ScreenFailed,
  defaultNotFoundComponent: Lost,
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
