/**
 * What is sealed, each class under data keys of its own: a key that leaks opens one class of one tenant, and one class
 * can be rotated by itself.
 */
export type KeyClass =
  | 'person'
  | 'link'
  | 'session'
  | 'second-factor'
  | 'single-sign-on'
  | 'privacy'
  | 'security-event';
