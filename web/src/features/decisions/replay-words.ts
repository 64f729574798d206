/** In what an approval comes out otherwise, in words. */
export const differenceWords: Readonly<Record<string, string>> = {
  'more-steps': 'More steps',
  'fewer-steps': 'Fewer steps',
  'other-steps': 'Other steps',
  'other-people': 'Taken by another person',
  'other-outcome': 'Another outcome',
  breach: 'Breaks the rules of then',
  stopped: 'Comes to no end',
};

/** What the tried rules let happen that those of then did not, in words. */
export const breachWords: Readonly<Record<string, string>> = {
  'step-dropped': 'a step falls away',
  'limit-not-asked': 'no limit has to cover the amount any more',
  'nobody-left': 'nobody could take it',
  'without-permission': 'somebody without the permission could take it',
  'without-role': 'somebody without the role could take it',
  'not-named': 'somebody who was not named could take it',
  'over-limit': 'somebody over their limit could take it',
  'other-hand-needed': 'somebody who took another step could take it',
  'out-of-scope': 'somebody kept to another part could take it',
};

/** Why whoever took a step then could not any more, in words. */
export const barWords: Readonly<Record<string, string>> = {
  'without-permission': 'without the permission',
  'without-role': 'without the role',
  'not-named': 'not named',
  'over-limit': 'over their limit',
  'other-hand-needed': 'made it or took another step',
  'out-of-scope': 'kept to another part',
};
