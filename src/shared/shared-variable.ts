/** Where an ecsh inside `ecsh connect` finds the session: `TOKEN@PATH`. */
export const SHARED_VARIABLE = 'ECSH_CONNECTED';
