/** Something in a model that cannot be used: where it stands, and what is wrong. */
export interface Mistake {
  /** Decision, then what inside of it: `Approval > row 3 > Amount`. */
  where: string;
  detail: string;
}
