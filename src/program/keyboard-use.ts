/** The uses of the keyboard that other parts of the program have to respect. */
export const keyboardUse = {
  /** From the first session on the keyboard is the remote side's: credentials are also renewed in the background. */
  hasSession: false,
  /** Nothing else may be written below the question meanwhile. */
  isAskingForMfaCode: false,
};
