const key = 'tradeai.signed-in';

/**
 * Whether somebody signed in with this browser and did not sign out: no secret, it only saves a request that would be
 * refused. A browser that keeps nothing answers yes.
 */
export const signInHint = {
  get(): boolean {
    try {
      return localStorage.getItem(key) !== null;
    } catch {
      return true;
    }
  },
  put(): void {
    try {
      localStorage.setItem(key, '1');
    } catch {
      // A browser that keeps nothing goes without the hint.
    }
  },
  remove(): void {
    try {
      localStorage.removeItem(key);
    } catch {
      // See put.
    }
  },
};
