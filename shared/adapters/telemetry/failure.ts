/** Why a connection failed, in the network's words: what `fetch` throws has it as its cause. */
export function connectionFailure(error: unknown): string {
  const { cause } = error instanceof Error ? error : { cause: error };
  const told = cause instanceof Error ? cause : error;
  return told instanceof Error ? told.message : String(told);
}
