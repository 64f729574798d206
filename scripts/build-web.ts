/** Builds the web application where it is stale, as `npm start` does: `npm run build:web`. */
import { buildWeb } from '../src/apps/web-assets.ts';

const { built } = await buildWeb();
console.log(built ? 'built web/dist' : 'web/dist is up to date');
