/** The uses of the keyboard that other parts of the program must respect. */
export const keyboardUse = {
  /** From the first session, the keyboard belongs to the remote side: credentials are also renewed in the background. */
  hasSession: false,
  /** During a question nothing else may be written below it. */
  isAskingForMfaCode: false,
};
