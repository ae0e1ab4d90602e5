/** The major version of Node that runs the functions, for which the runtime `nodejs24` stands. */
export const NODE_MAJOR = 24;
