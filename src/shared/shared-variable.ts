/** Gives an ecsh inside `ecsh connect` the session to use, as `TOKEN@PATH`. */
export const SHARED_VARIABLE = 'ECSH_CONNECTED';
