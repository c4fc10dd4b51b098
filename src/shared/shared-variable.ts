/** Tells an ecsh inside `ecsh connect` where its session is: `TOKEN@PATH`. */
export const SHARED_VARIABLE = 'ECSH_CONNECTED';
