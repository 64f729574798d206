let delivers = false;

/** Tells the routes of this process whether a mail server is set. */
export function setMailDelivery(isSet: boolean): void {
  delivers = isSet;
}

/** Whether a mail server is set: without one nobody is written to. */
export const mailIsDelivered = (): boolean => delivers;
